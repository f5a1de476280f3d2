using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Enrichment.Execution;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Callbacks;

/// <summary>Takes deliveries in: authenticates each, stores it byte for byte, and only then answers. Who hosts it maps requests to it; nothing here knows of HTTP.</summary>
/// <remarks>Deliveries that come together are stored together. What waits to be stored is bounded: a storm is asked to come again. Thread-safe.</remarks>
public sealed class CallbackIntake : IAsyncDisposable
{
    private const int MostAtOnce = 500;
    private const int MostBytesAtOnce = 8 * 1024 * 1024;

    // Refusals are counted in memory meanwhile: forged deliveries must not cost a write each.
    private static readonly TimeSpan NotingInterval = TimeSpan.FromSeconds(5);

    // Credentials are checked and forgotten.
    private static readonly HashSet<string> Secret = new(["Authorization", "Cookie", "Proxy-Authorization"], StringComparer.OrdinalIgnoreCase);

    private readonly IEnrichmentStore store;
    private readonly BatchPlans plans;
    private readonly HostSteps steps;
    private readonly StageSchemes schemes;
    private readonly CallbackOptions options;
    private readonly WorkSignal signal;
    private readonly TimeProvider time;
    private readonly ILogger<CallbackIntake> logger;
    private readonly Channel<Waiting> queue = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private readonly Task storing;
    private readonly ConcurrentDictionary<string, int> refused = new();
    private readonly ITimer noting;
    private long queued;

    internal CallbackIntake(
        IEnrichmentStore store, BatchPlans plans, HostSteps steps, CallbackOptions options, WorkSignal signal, TimeProvider time, ILogger<CallbackIntake> logger)
    {
        this.store = store;
        this.plans = plans;
        this.steps = steps;
        schemes = new(steps, time);
        this.options = options;
        this.signal = signal;
        this.time = time;
        this.logger = logger;
        storing = Task.Run(StoreAllAsync);
        noting = time.CreateTimer(_ => _ = NoteRefusedAsync(), null, NotingInterval, NotingInterval);
    }

    /// <summary>How large a body may be, in bytes.</summary>
    public int MaxBodyBytes => options.MaxBodyBytes;

    /// <summary>Takes in a delivery to the address of one call.</summary>
    /// <param name="token">The last segment of the address.</param>
    /// <param name="headers">Its headers; values of a repeated one joined by commas.</param>
    /// <param name="body">Its body.</param>
    /// <param name="cancellationToken">Ends the wait; the delivery may be stored all the same.</param>
    public Task<DeliveryAnswer> ReceiveAsync(string token, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        body.Length > options.MaxBodyBytes ? Task.FromResult(DeliveryAnswer.TooLarge) : ReceiveAsync(token, null, DeliveryOf(headers, body), cancellationToken);

    /// <summary>Takes in a delivery to a step's own address, for vendors that cannot be given one for each call: the step finds the token in what was delivered.</summary>
    /// <param name="step">The step's slug.</param>
    /// <param name="headers">Its headers; values of a repeated one joined by commas.</param>
    /// <param name="body">Its body.</param>
    /// <param name="cancellationToken">Ends the wait; the delivery may be stored all the same.</param>
    public Task<DeliveryAnswer> ReceiveAtStepAsync(string step, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (body.Length > options.MaxBodyBytes)
        {
            return Task.FromResult(DeliveryAnswer.TooLarge);
        }

        var delivery = DeliveryOf(headers, body);
        return steps.Receivers(step).Select(receiver => TokenOf(receiver, delivery)).FirstOrDefault(token => token is not null) is { } token
            ? ReceiveAsync(token, step, delivery, cancellationToken)
            : Task.FromResult(Refuse("its address names no step that receives, or the step finds no token in it"));
    }

    /// <summary>Stores what waits, and takes in nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        await noting.DisposeAsync().ConfigureAwait(false);
        queue.Writer.TryComplete();
        await storing.ConfigureAwait(false);
        await NoteRefusedAsync().ConfigureAwait(false);
    }

    private static string? TokenOf(ICallbackReceiver receiver, CallbackDelivery delivery)
    {
        try
        {
            return receiver.TokenOf(delivery);
        }
#pragma warning disable CA1031 // The step reads what anybody may have sent: what it cannot read holds no token. The refusal is logged.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private CallbackDelivery DeliveryOf(IEnumerable<KeyValuePair<string, string>> headers, ReadOnlyMemory<byte> body) =>
        new(new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase), body, time.GetUtcNow());

    private async Task<DeliveryAnswer> ReceiveAsync(string token, string? step, CallbackDelivery delivery, CancellationToken cancellationToken)
    {
        if (!CallbackToken.TryRead(token, out var attempt, out var hash))
        {
            return Refuse("its token is not one");
        }

        try
        {
            if (await plans.FindOrNullAsync(attempt.Range, cancellationToken).ConfigureAwait(false) is not { } plan || (step is not null && plan.Stage.Manifest.Slug != step))
            {
                return Refuse("its token names no batch, or another step");
            }

            if (schemes.Find(plan) is not { } scheme)
            {
                if (steps.Has(plan.Stage))
                {
                    return Refuse("its step receives nothing");
                }

                Log.StepMissing(logger, plan.Batch.Id, plan.Number, plan.Stage.Manifest.Slug, plan.Stage.Manifest.Version);
                return DeliveryAnswer.Busy; // Another host has the step; this one cannot tell whether the delivery is genuine.
            }

            return DeliveryCheck.Problem(scheme, delivery, out var message) is { } problem
                ? Refuse(problem)
                : await StoreAsync(attempt, hash, message, delivery, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreCalls.IsOutOfReach(exception))
        {
            Log.StoreFailed(logger, TimeSpan.Zero, exception);
            return DeliveryAnswer.Busy;
        }
        catch (EnrichmentException exception)
        {
            // The vendor comes again, and finds what the operator has mended by then.
            Log.DeliveryNotChecked(logger, exception.Message);
            return DeliveryAnswer.Busy;
        }
    }

    private DeliveryAnswer Refuse(string reason)
    {
        Log.DeliveryRefused(logger, reason);
        refused.AddOrUpdate(reason, 1, (_, before) => before + 1);
        return DeliveryAnswer.Refused;
    }

    private async Task NoteRefusedAsync()
    {
        List<(string Reason, int Times)> counts = [];
        foreach (var reason in refused.Keys.Order(StringComparer.Ordinal))
        {
            if (refused.TryRemove(reason, out var times))
            {
                counts.Add((reason, times));
            }
        }

        try
        {
            if (counts.Count > 0)
            {
                await store.NoteRefusedAsync(counts, CancellationToken.None).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Nobody waits for it: what could not be counted now is counted with the next.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.StoreFailed(logger, NotingInterval, exception);
            counts.ForEach(count => refused.AddOrUpdate(count.Reason, count.Times, (_, since) => since + count.Times));
        }
    }

    private async Task<DeliveryAnswer> StoreAsync(AttemptKey attempt, byte[] hash, string message, CallbackDelivery delivery, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(new()
        {
            Attempt = attempt,
            TokenHash = hash,
            Message = message,
            Headers = Json(delivery.Headers),
            Body = delivery.Body,
        });
        if (Interlocked.Add(ref queued, waiting.Bytes) > options.QueueBytes || !queue.Writer.TryWrite(waiting))
        {
            Interlocked.Add(ref queued, -waiting.Bytes);
            return DeliveryAnswer.Busy;
        }

        await using var leaving = cancellationToken.UnsafeRegister(static (waiting, left) => ((Waiting)waiting!).Answer.TrySetCanceled(left), waiting).ConfigureAwait(false);
        return await waiting.Answer.Task.ConfigureAwait(false);
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

    private async Task StoreAllAsync()
    {
        var set = new List<Waiting>();
        while (await queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var bytes = 0L;
            while (set.Count < MostAtOnce && bytes < MostBytesAtOnce && queue.Reader.TryRead(out var waiting))
            {
                set.Add(waiting);
                bytes += waiting.Bytes;
            }

            await StoreAsync(set).ConfigureAwait(false);
            Interlocked.Add(ref queued, -bytes);
            set.Clear();
        }
    }

    private async Task StoreAsync(List<Waiting> set)
    {
        try
        {
            var stored = await store.ReceiveAsync([.. set.Select(waiting => waiting.Delivery)], CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < set.Count; i++)
            {
                set[i].Answer.TrySetResult(stored[i] ? DeliveryAnswer.Stored : Refuse("its token was never given out, or its attempt is gone"));
            }

            signal.Raise();
        }
#pragma warning disable CA1031 // The one place where storing fails: every vendor of the set is told to come again, whatever the reason.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.StoreFailed(logger, TimeSpan.Zero, exception);
            set.ForEach(waiting => waiting.Answer.TrySetResult(DeliveryAnswer.Busy));
        }
    }

    private sealed record Waiting(Delivery Delivery)
    {
        public TaskCompletionSource<DeliveryAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Bytes => Delivery.Body.Length + Delivery.Headers.Length;
    }
}
