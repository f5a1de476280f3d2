using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>A step that makes one call to a vendor for many items, described by <see cref="HttpBulkOptions"/>.</summary>
/// <param name="http">Makes the calls; null: <see cref="OutboundHttp.Default"/>.</param>
public abstract class HttpBulkStep(OutboundHttp? http = null) : HttpStep(http), IBulkStep
{
    /// <inheritdoc/>
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var outcomes = await ExecuteAsync([context], cancellationToken).ConfigureAwait(false);
        return outcomes.GetValueOrDefault(context.IdempotencyKey) ?? StepOutcome.Retry("The vendor did not answer for this item.");
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<string, StepOutcome>> ExecuteAsync(
        IReadOnlyList<StepContext> contexts,
        CancellationToken cancellationToken)
    {
        var options = contexts[0].Options<HttpBulkOptions>();
        var outcomes = new Dictionary<string, StepOutcome>(StringComparer.Ordinal);
        var asked = Pack(contexts, options, outcomes);
        if (asked.Count == 0)
        {
            return outcomes;
        }

        JsonElement? answers = null;
        var whole = await SendAsync(
                contexts[0],
                options,
                CallValues(asked),
                CallKey(asked.Select(item => item.Context.IdempotencyKey)),
                body => Read(body, Take),
                cancellationToken)
            .ConfigureAwait(false);
        if (answers is null)
        {
            Fail(asked.Select(item => item.Context), outcomes, whole);
            return outcomes;
        }

        var byKey = asked.ToLookup(item => item.Key, StringComparer.Ordinal);
        foreach (var answer in answers.Value.EnumerateArray())
        {
            foreach (var item in Pointer.Text(options.Bulk.Key, answer) is { } key ? byKey[key] : [])
            {
                outcomes.TryAdd(item.Context.IdempotencyKey, Mapping.Of(answer, options.Answer));
            }
        }

        return outcomes;

        StepOutcome Take(JsonElement answer)
        {
            answers = Pointer.Find(options.Bulk.Answers, answer) is { ValueKind: JsonValueKind.Array } array ? array : null;
            return answers is null
                ? StepOutcome.Failed(
                    $"The vendor's answer has no array at '{options.Bulk.Answers}', so no item's answer can be found in it.",
                    ErrorClass.InvalidOutput)
                : StepOutcome.Completed(answer);
        }
    }

    /// <summary>The part of the request for each item, and the key of its answer. An item without a needed value is not sent.</summary>
    private static List<(StepContext Context, string Key, ReadOnlyMemory<byte> Json)> Pack(
        IReadOnlyList<StepContext> contexts,
        HttpBulkOptions options,
        Dictionary<string, StepOutcome> outcomes)
    {
        var match = new Template(options.Bulk.Match);
        var asked = new List<(StepContext Context, string Key, ReadOnlyMemory<byte> Json)>();
        foreach (var context in contexts)
        {
            var values = Placeholders.Of(context);
            var json = JsonTemplate.Render(options.Bulk.Item, values);
            var key = match.Render(values);
            if (Lacking(values) is { } lacking)
            {
                outcomes.Add(context.IdempotencyKey, lacking);
            }
            else
            {
                asked.Add((context, key, json));
            }
        }

        return asked;
    }

    /// <summary>One key for the call: the same items, sent again, have the same; any other set has another.</summary>
    private static string CallKey(IEnumerable<string> keys) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', keys.Order(StringComparer.Ordinal)))))[..32];

    private static JsonElement Array(IEnumerable<ReadOnlyMemory<byte>> items)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                writer.WriteRawValue(item.Span, skipInputValidation: true);
            }

            writer.WriteEndArray();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static Placeholders CallValues(IEnumerable<(StepContext Context, string Key, ReadOnlyMemory<byte> Json)> asked)
    {
        var items = Array(asked.Select(item => item.Json));
        return new(name => name == Placeholders.Items ? items : null);
    }

    private static void Fail(IEnumerable<StepContext> contexts, Dictionary<string, StepOutcome> outcomes, StepOutcome outcome)
    {
        foreach (var context in contexts)
        {
            outcomes[context.IdempotencyKey] = outcome;
        }
    }
}
