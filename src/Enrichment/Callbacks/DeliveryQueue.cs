using System.Threading.Channels;
using Enrichment.Plans;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Callbacks;

/// <summary>
/// Genuine deliveries on their way to the store: those that come together are stored together, and each is answered when it is stored.
/// </summary>
internal sealed class DeliveryQueue : IAsyncDisposable
{
    private const int MostAtOnce = 500;
    private const int MostBytesAtOnce = 8 * 1024 * 1024;
    private readonly IInboxStore store;
    private readonly WorkSignal signal;
    private readonly Func<string, StagePlan, DeliveryAnswer> refuse;
    private readonly ILogger logger;
    private readonly Channel<WaitingDelivery> queue = Channel.CreateUnbounded<WaitingDelivery>(new() { SingleReader = true });
    private readonly Task storing;

    /// <param name="store">Where they are stored.</param>
    /// <param name="signal">Raised when some were.</param>
    /// <param name="refuse">Answers one whose token the store does not know.</param>
    /// <param name="logger">Told when storing fails.</param>
    public DeliveryQueue(IInboxStore store, WorkSignal signal, Func<string, StagePlan, DeliveryAnswer> refuse, ILogger logger)
    {
        this.store = store;
        this.signal = signal;
        this.refuse = refuse;
        this.logger = logger;
        storing = Task.Run(StoreAllAsync);
    }

    /// <summary>Stores one with others that wait.</summary>
    /// <param name="plan">The stage that it is for.</param>
    /// <param name="delivery">The delivery.</param>
    /// <param name="share">Its bytes in the budget, given back once it is stored.</param>
    /// <param name="cancellationToken">Ends the wait; the delivery may be stored all the same.</param>
    public async Task<DeliveryAnswer> StoreAsync(
        StagePlan plan,
        Delivery delivery,
        ByteBudget.ByteShare share,
        CancellationToken cancellationToken)
    {
        var waiting = new WaitingDelivery(plan, delivery, share);
        if (!queue.Writer.TryWrite(waiting))
        {
            share.Dispose();
            return DeliveryAnswer.Busy;
        }

        await using var leaving = cancellationToken.UnsafeRegister(
            static (waiting, left) => ((WaitingDelivery)waiting!).Answer.TrySetCanceled(left), waiting).ConfigureAwait(false);
        return await waiting.Answer.Task.ConfigureAwait(false);
    }

    /// <summary>Stores waiting deliveries, and accepts no more.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await storing.ConfigureAwait(false);
    }

    private async Task StoreAllAsync()
    {
        var set = new List<WaitingDelivery>();
        while (await queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var bytes = 0L;
            while (set.Count < MostAtOnce && bytes < MostBytesAtOnce && queue.Reader.TryRead(out var waiting))
            {
                set.Add(waiting);
                bytes += waiting.Delivery.Body.Length;
            }

            await StoreAsync(set).ConfigureAwait(false);
            set.ForEach(waiting => waiting.Share.Dispose());
            set.Clear();
        }
    }

    private async Task StoreAsync(List<WaitingDelivery> set)
    {
        try
        {
            var stored = await store.ReceiveAsync([.. set.Select(waiting => waiting.Delivery)], CancellationToken.None)
                .ConfigureAwait(false);
            for (var i = 0; i < set.Count; i++)
            {
                var plan = set[i].Plan;
                set[i].Answer.TrySetResult(stored[i] ? DeliveryAnswer.Stored
                    : refuse($"{plan.Stage.Manifest.Slug}: no attempt has its token, or the attempt was deleted", plan));
            }

            signal.Raise();
        }
#pragma warning disable CA1031 // The one place where storing fails: every vendor of the set is told to come again, whatever the reason.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (set.Count > 1 && StoreRetry.IsOfData(exception))
            {
                // One of them is what the store cannot take, and keeps no other out.
                var half = set.Count / 2;
                await StoreAsync(set[..half]).ConfigureAwait(false);
                await StoreAsync(set[half..]).ConfigureAwait(false);
                return;
            }

            Log.StoreFailed(logger, TimeSpan.Zero, exception);
            set.ForEach(waiting => waiting.Answer.TrySetResult(DeliveryAnswer.Busy));
        }
    }

    private sealed record WaitingDelivery(StagePlan Plan, Delivery Delivery, ByteBudget.ByteShare Share)
    {
        public TaskCompletionSource<DeliveryAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
