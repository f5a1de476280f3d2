using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Enrichment.Diagnostics;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Callbacks;

/// <summary>
/// Receives deliveries: authenticates each, stores it byte for byte, and only then answers. The host maps requests to it; this class does
/// not know HTTP.
/// </summary>
/// <remarks>
/// Deliveries that arrive together are stored together. Their memory is bounded: beyond it, vendors are asked to deliver again.
/// Thread-safe.
/// </remarks>
internal sealed class CallbackReceiver : IAsyncDisposable
{
    private const string NoToken = "no host of this store made its token";

    // Credentials are checked and forgotten.
    internal static readonly HashSet<string> Secret = new(
        ["Authorization", "Cookie", "Proxy-Authorization"], StringComparer.OrdinalIgnoreCase);

    private readonly TokenKeys keys;
    private readonly BatchPlans plans;
    private readonly StepActivator steps;
    private readonly StageSchemes schemes;
    private readonly CallbackOptions options;
    private readonly Instruments instruments;
    private readonly DeliveryQueue queue;
    private readonly RefusalCounter refusals;
    private readonly ByteBudget held;

    internal CallbackReceiver(
        IInboxStore store, TokenKeys keys, BatchPlans plans, StepActivator steps, CallbackOptions options, WorkSignal signal,
        Instruments instruments)
    {
        this.keys = keys;
        this.plans = plans;
        this.steps = steps;
        this.instruments = instruments;
        schemes = new(steps, instruments.Time);
        this.options = options;
        held = new(options.QueueBytes, instruments.Time);
        refusals = new(store, instruments.Time, instruments.Logger);
        queue = new(store, signal, Refuse, instruments.Logger);
    }

    /// <summary>Takes in a delivery to the address of one call.</summary>
    /// <param name="token">The last segment of the address. If no host of this store made it, the body is not read.</param>
    /// <param name="headers">Its headers; values of a repeated one joined by commas.</param>
    /// <param name="body">Its body, of which no more is read than may be held.</param>
    /// <param name="cancellationToken">Ends the wait; the delivery may be stored all the same.</param>
    public Task<DeliveryAnswer> ReceiveAsync(string token, IEnumerable<KeyValuePair<string, string>> headers, PipeReader body,
        CancellationToken cancellationToken) => AnswerAsync(
        async target =>
        {
            if (await GenuineAsync(token, cancellationToken).ConfigureAwait(false) is not { } genuine)
            {
                return Refuse(NoToken);
            }

            using var share = new ByteBudget.ByteShare(held, isNamed: true);
            var (read, unread) = await ReadAsync(share, body, cancellationToken).ConfigureAwait(false);
            return read is { } bytes ? await ReceiveAsync(target, genuine, null, DeliveryOf(headers, bytes), share, cancellationToken)
                .ConfigureAwait(false) : unread;
        },
        cancellationToken);

    /// <summary>
    /// Takes in a delivery to a step's own address, for vendors that cannot be given one for each call: the step finds the token in what
    /// was delivered.
    /// </summary>
    /// <param name="step">The step's slug. If no step of this host has it, the body is not read.</param>
    /// <param name="headers">Its headers; values of a repeated one joined by commas.</param>
    /// <param name="body">Its body, of which no more is read than may be held.</param>
    /// <param name="cancellationToken">Ends the wait; the delivery may be stored all the same.</param>
    public Task<DeliveryAnswer> ReceiveAtStepAsync(string step, IEnumerable<KeyValuePair<string, string>> headers, PipeReader body,
        CancellationToken cancellationToken) => AnswerAsync(
        async target =>
        {
            var receivers = steps.Receivers(step).ToList();
            if (receivers.Count == 0)
            {
                return Refuse("its address names no step that receives deliveries");
            }

            using var share = new ByteBudget.ByteShare(held, isNamed: false);
            var (read, unread) = await ReadAsync(share, body, cancellationToken).ConfigureAwait(false);
            if (read is not { } bytes)
            {
                return unread;
            }

            var delivery = DeliveryOf(headers, bytes);
            return receivers.Select(receiver => TokenOf(receiver, delivery)).FirstOrDefault(token => token is not null) is not { } token
                ? Refuse($"{step}: the step finds no token in it")
                : await GenuineAsync(token, cancellationToken).ConfigureAwait(false) is { } genuine
                    ? await ReceiveAsync(target, genuine, step, delivery, share, cancellationToken).ConfigureAwait(false)
                    : Refuse($"{step}: {NoToken}");
        },
        cancellationToken);

    /// <summary>Stores waiting deliveries, and accepts no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await queue.DisposeAsync().ConfigureAwait(false);
        await refusals.DisposeAsync().ConfigureAwait(false);
    }

    private static string? TokenOf(StepActivation activation, CallbackDelivery delivery)
    {
        try
        {
            using var use = activation.Begin();
            return ((ICallbackReceiver)use.Step).TokenOf(delivery);
        }
#pragma warning disable CA1031 // The step reads what anybody may have sent: what it cannot read holds no token. The refusal is logged.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private CallbackDelivery DeliveryOf(IEnumerable<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body) =>
        new(new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase), body, instruments.Time.GetUtcNow());

    /// <summary>
    /// After any error before the delivery is stored, the vendor is asked to deliver again. Only a delivery that is not genuine is refused,
    /// and the answer does not tell the error.
    /// </summary>
    private async Task<DeliveryAnswer> AnswerAsync(Func<Target, Task<DeliveryAnswer>> receive, CancellationToken cancellationToken)
    {
        var target = new Target();
        var answer = await TryAsync(() => receive(target), cancellationToken).ConfigureAwait(false);
        instruments.Telemetry.Received(target.Plan, answer);
        return answer;
    }

    private async Task<DeliveryAnswer> TryAsync(Func<Task<DeliveryAnswer>> receive, CancellationToken cancellationToken)
    {
        try
        {
            return await receive().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // A store can be away in more ways than can be told apart: read-only, full, without a right, of an older version.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (refusals.Count("the vendor was asked to deliver again: the store failed") == 1)
            {
                Log.StoreFailed(instruments.Logger, TimeSpan.Zero, exception);
            }

            return DeliveryAnswer.Busy;
        }
    }

    /// <summary>
    /// The token, if hosts of this store made it. This is known without reading the store, and before any other work for the sender.
    /// </summary>
    private async Task<CallbackToken?> GenuineAsync(string text, CancellationToken cancellationToken) =>
        CallbackToken.Read(text) is { } token
            && token.IsSignedWith(await keys.ReadAsync(token.Key, cancellationToken).ConfigureAwait(false)) ? token : null;

    private async Task<(ReadOnlyMemory<byte>? Body, DeliveryAnswer Unread)> ReadAsync(
        ByteBudget.ByteShare share,
        PipeReader reader,
        CancellationToken cancellationToken)
    {
        var (how, body) = await share.ReadAsync(reader, options.MaxBodyBytes, options.BodyTimeout, cancellationToken).ConfigureAwait(false);
        return how == ByteBudget.Reading.Whole ? (body, DeliveryAnswer.Busy) : (default(ReadOnlyMemory<byte>?), how switch
        {
            ByteBudget.Reading.TooLarge => Refuse($"its body is larger than {options.MaxBodyBytes} bytes", DeliveryAnswer.TooLarge),
            ByteBudget.Reading.TooSlow =>
                Refuse($"its body took longer than {options.BodyTimeout.TotalSeconds} seconds", DeliveryAnswer.Incomplete),
            ByteBudget.Reading.BrokenOff => Refuse("its body broke off", DeliveryAnswer.Incomplete),
            _ => DeliveryAnswer.Busy,
        });
    }

    private async Task<DeliveryAnswer> ReceiveAsync(
        Target target,
        CallbackToken token,
        string? step,
        CallbackDelivery delivery,
        ByteBudget.ByteShare share,
        CancellationToken cancellationToken)
    {
        var range = token.Attempt.Range;
        if (await plans.NamedAsync(range.Batch, cancellationToken).ConfigureAwait(false) is not { } stages)
        {
            return DeliveryAnswer.Busy;
        }

        if (stages.ElementAtOrDefault(range.Stage - 1) is not { } plan || (step is not null && plan.Stage.Manifest.Slug != step))
        {
            return Refuse("its token names no batch, or another step");
        }

        target.Plan = plan;
        using var span = instruments.Telemetry.Receiving(plan);
        var (refused, message) = await CheckAsync(plan, delivery, cancellationToken).ConfigureAwait(false);
        if (refused is { } refusal)
        {
            return Telemetry.Answered(span, refusal);
        }

        var answer = await StoreAsync(token, message, delivery, plan, share, cancellationToken).ConfigureAwait(false);
        if (answer == DeliveryAnswer.Stored)
        {
            plans.Remember(range.Batch, stages);
        }

        return Telemetry.Answered(span, answer);
    }

    /// <summary>What to answer without storing it, null if the delivery is genuine; and the message that it is.</summary>
    private async ValueTask<(DeliveryAnswer? Refused, string Message)> CheckAsync(
        StagePlan plan,
        CallbackDelivery delivery,
        CancellationToken cancellationToken)
    {
        var manifest = plan.Stage.Manifest;
        if (!manifest.ReceivesCallbacks)
        {
            return (Refuse($"{manifest.Slug}: its step receives no deliveries", plan), "");
        }

        try
        {
            return await schemes.FindAsync(plan, cancellationToken).ConfigureAwait(false) is not { } scheme
                    ? (NotChecked(plan, $"this host has no version {manifest.Version} of it"), "")
                : DeliveryCheck.Problem(scheme, delivery, out var message) is { } problem
                    ? (Refuse($"{manifest.Slug}: {problem}", plan), "")
                : (null, message);
        }
#pragma warning disable CA1031 // Settings and the step's own code say how to check: whatever goes wrong there, the vendor comes again and finds what the operator has mended by then.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var why = exception is EnrichmentException ? exception.Message : $"it threw {ErrorText.Of(exception, withMessage: false)}";
            return (NotChecked(plan, why), "");
        }
    }

    /// <summary>
    /// This host cannot tell whether it is genuine, and does not look it up before that: so each sender is asked to deliver again. Anybody
    /// can cause this, so it is logged once in an interval.
    /// </summary>
    private DeliveryAnswer NotChecked(StagePlan plan, string why)
    {
        if (refusals.Count($"{plan.Stage.Manifest.Slug}: not checked, the vendor was asked to deliver again: {why}") == 1)
        {
            Log.DeliveryNotChecked(instruments.Logger, plan.Stage.Manifest.Slug, plan.Batch.Id, why);
        }

        return DeliveryAnswer.Busy;
    }

    /// <summary>Anybody can cause this, so it is logged once in an interval, while the count has them all.</summary>
    private DeliveryAnswer Refuse(string reason, DeliveryAnswer answer = DeliveryAnswer.Refused)
    {
        if (refusals.Count(reason) == 1)
        {
            Log.DeliveryRefused(instruments.Logger, reason);
        }

        return answer;
    }

    private DeliveryAnswer Refuse(string reason, StagePlan plan)
    {
        Log.DeliveryOfBatchRefused(instruments.Logger, plan.Batch.Id, reason);
        refusals.Count(reason);
        return DeliveryAnswer.Refused;
    }

    private async Task<DeliveryAnswer> StoreAsync(
        CallbackToken token, string message, CallbackDelivery delivery, StagePlan plan, ByteBudget.ByteShare share,
        CancellationToken cancellationToken)
    {
        var stored = new Delivery
        {
            Attempt = token.Attempt,
            TokenHash = token.Hash,
            Message = message,
            Headers = Json(delivery.Headers),
            Body = delivery.Body,
        };
        if (!share.TryGrow(stored.Headers.Length))
        {
            return DeliveryAnswer.Busy;
        }

        // It may wait longer than its sender.
        return await queue.StoreAsync(plan, stored, share.HandOn(), cancellationToken).ConfigureAwait(false);
    }

    private static string Json(IReadOnlyDictionary<string, string> headers)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in headers)
            {
                if (!Secret.Contains(name))
                {
                    json.WriteString(name, value);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The stage that a delivery is for, once that is known.</summary>
    private sealed class Target
    {
        public StagePlan? Plan { get; set; }
    }
}
