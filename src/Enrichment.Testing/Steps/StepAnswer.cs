using System.Text;
using System.Text.Json;
using Enrichment.Json;

namespace Enrichment.Testing;

/// <summary>A step's answer about a record, as the engine would accept it.</summary>
public sealed class StepAnswer
{
    private readonly StepManifest manifest;
    private readonly byte[] result = [];

    internal StepAnswer(StepManifest manifest, StepOutcome outcome)
    {
        this.manifest = manifest;
        Outcome = outcome;
        if (outcome.Kind is not (StepOutcomeKind.Completed or StepOutcomeKind.NotFound))
        {
            return;
        }

        if (JsonGate.Default.TryAccept(outcome.Result.Span, out var canonical, out var refusal))
        {
            result = canonical;
        }
        else
        {
            Outcome = StepOutcome.Failed($"The step's result may not be stored: {refusal.Reason}", Enrichment.ErrorClass.InvalidOutput);
        }
    }

    /// <summary>The outcome; a result that may not be stored has become Failed with <see cref="ErrorClass.InvalidOutput"/>.</summary>
    public StepOutcome Outcome { get; }

    /// <summary>Which of the answers it is.</summary>
    public StepOutcomeKind Kind => Outcome.Kind;

    /// <summary>Why skipped, to be retried, failed or unknown.</summary>
    public string? Reason => Outcome.Reason;

    /// <summary>The class of the fault, if there was one.</summary>
    public ErrorClass? ErrorClass => Outcome.ErrorClass;

    /// <summary>The result as it would be stored, canonical JSON; empty if the step did not answer.</summary>
    public string Json => Encoding.UTF8.GetString(result);

    /// <summary>The value of a produced field, found as a later step would find it; null if the result has none or null for it.</summary>
    /// <exception cref="ArgumentException">The step does not declare that it produces the field.</exception>
    public JsonElement? Value(string field)
    {
        var produced =
            manifest.Produces.FirstOrDefault(p => p.Field == field)
            ?? throw new ArgumentException(
                $"Step '{manifest.Slug}' does not declare that it produces '{field}'; it produces {(manifest.Produces.Count == 0 ? "nothing" : string.Join(", ", manifest.Produces.Select(p => p.Field)))}.",
                nameof(field));
        return result.Length > 0 && JsonPointer.Of(produced).TryFind(result, out var reader) && reader.TokenType != JsonTokenType.Null
            ? JsonElement.ParseValue(ref reader)
            : null;
    }

    /// <summary>
    /// The value of a produced field as text: strings as they are, other JSON in its own notation; null where <see cref="Value"/> is null.
    /// </summary>
    /// <exception cref="ArgumentException">The step does not declare that it produces the field.</exception>
    public string? Text(string field) => Value(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => value.GetRawText(),
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}{(Json.Length > 0 ? $" {Json}" : "")}{(Reason is null ? "" : $": {Reason}")}";

    // Where the manifest gives paths the result is a vendor's whole answer, which may hold anything; else its properties are fields.
    internal IEnumerable<string> Undeclared()
    {
        if (result.Length == 0 || manifest.Produces.Any(p => p.Path is not null))
        {
            return [];
        }

        using var json = JsonDocument.Parse(result);
        return json.RootElement.ValueKind == JsonValueKind.Object
            ?
            [
                .. json
                    .RootElement.EnumerateObject()
                    .Select(p => p.Name)
                    .Except(manifest.Produces.Select(p => p.Field), StringComparer.Ordinal),
            ]
            : [$"a result that is not an object: {Json}"];
    }
}
