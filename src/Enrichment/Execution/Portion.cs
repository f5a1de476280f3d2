using System.Threading.Channels;
using Enrichment.Callbacks;
using Enrichment.Entities;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>Items of one lease on their way through their step: conditions decided, attempts begun where effects are outside, calls made, outcomes written in sets.</summary>
internal sealed class Portion(
    IEnrichmentStore store, StoreCalls calls, OutcomeWriter writer, HostSteps steps, Asker asker, CallbackTokens callbacks, StagePlan plan, HeldLease held, string owner, WorkerOptions options, TimeProvider time, ILogger logger, LimitTurn? limit)
{
    private readonly bool answeredLater = plan.Stage.Manifest.MayBeAnsweredLater;
    private readonly Dictionary<int, string> tokens = [];
    private bool advanced;

    // What was sent is no lease's any more: its calls go on when the lease is lost, and their outcomes are written.
    private CancellationToken Lost => answeredLater ? CancellationToken.None : held.Lost;

    /// <summary>How many outcomes were written.</summary>
    public int Outcomes { get; private set; }

    /// <summary>Works on the items until each has an outcome or the host stops.</summary>
    /// <returns>Whether any item went on to a next stage.</returns>
    public async Task<bool> RunAsync(IReadOnlyList<ClaimedItem> items, CancellationToken stop)
    {
        var wanted = await DecideConditionsAsync(items).ConfigureAwait(false);
        if (plan.Stage.Entity is not null && wanted.Count > 0)
        {
            wanted = await AskAsync(wanted).ConfigureAwait(false);
        }

        if (wanted.Count == 0 || await FailUnlessReadyAsync(wanted).ConfigureAwait(false) is not { } ready)
        {
            return advanced;
        }

        if (plan.Stage.Manifest.Effects == Effects.Pure)
        {
            await CallAsync(ready, CallsOf([.. wanted]), attemptsAreOpen: false, stop).ConfigureAwait(false);
            return advanced;
        }

        // Attempts are written in waves no larger than what is in flight at once, so that a crash leaves few unknowns.
        foreach (var wave in wanted.Chunk(Math.Max(options.InFlight, plan.Stage.Manifest.BulkSize ?? 1)))
        {
            if (stop.IsCancellationRequested || held.Lost.IsCancellationRequested)
            {
                break;
            }

            await CallAsync(ready, await BeginAsync(wave).ConfigureAwait(false), attemptsAreOpen: true, stop).ConfigureAwait(false);
        }

        return advanced;
    }

    private async Task<List<ClaimedItem>> DecideConditionsAsync(IReadOnlyList<ClaimedItem> items)
    {
        var wanted = new List<ClaimedItem>(items.Count);
        var skipped = new List<ItemCommit>();
        foreach (var item in items)
        {
            if (plan.ConditionHolds(item))
            {
                wanted.Add(item);
            }
            else
            {
                skipped.Add(plan.Verdict.ConditionFalse(item));
            }
        }

        await CommitAsync(skipped, attemptsAreOpen: false).ConfigureAwait(false);
        return wanted;
    }

    /// <summary>Asks for the items' entities. Returns the items that call for themselves.</summary>
    private async Task<List<ClaimedItem>> AskAsync(List<ClaimedItem> items)
    {
        var asked = await asker.AskAsync(plan, held.Lease.Range.Bucket, items).ConfigureAwait(false);
        await CommitAsync(asked.Outcomes, attemptsAreOpen: false).ConfigureAwait(false);
        if (asked.Waits.Count > 0)
        {
            // Not cancelled half-way: what waits and was not heard of would wait for the sweep. Repeated, it finds them waiting.
            var over = await calls.RunAsync(token => store.AwaitAsync(held.Lease, asked.Waits, answeredLater ? plan.Stage.Manifest.Deadline : plan.Stage.Timeout, token), CancellationToken.None).ConfigureAwait(false);
            foreach (var range in over.GroupBy(ask => ask.Range))
            {
                int[] ended = [.. range.Select(ask => ask.Item)];
                advanced |= await writer.ShareAsync(range.Key, ended).ConfigureAwait(false) > 0;
            }
        }

        advanced |= asked.Made;
        return asked.Own;
    }

    /// <summary>The step with its settings; or, if it cannot be had on this host, every item fails with the reason.</summary>
    private async Task<ReadyStep?> FailUnlessReadyAsync(List<ClaimedItem> items)
    {
        try
        {
            return steps.Ready(plan);
        }
        catch (EnrichmentException exception)
        {
            var outcome = StepOutcome.Failed(exception.Message, ErrorClass.Configuration);
            await CommitAsync([.. items.Select(item => plan.Verdict.NotCalled(item, outcome))], attemptsAreOpen: false).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Writes the attempts of a wave. Returns the calls that may be made, without the items that may not go ahead.</summary>
    private async Task<List<ArraySegment<ClaimedItem>>> BeginAsync(ClaimedItem[] wave)
    {
        var intended = CallsOf(wave);
        var keys = plan.Stage.Manifest.ReceivesCallbacks
            ? await calls.RunAsync(callbacks.KeysAsync, held.Lost).ConfigureAwait(false)
            : null;
        List<AttemptStart> attempts = [.. intended.SelectMany(call => Starts(call, keys))];

        // Not repeated blindly: if the answer is lost, the rows may be there, and the items are left to the sweep, or to their deadline.
        var begun = (answeredLater
            ? await store.BeginSendingAsync(held.Lease, owner, attempts, plan.Sending, held.Lost).ConfigureAwait(false)
            : await store.BeginAttemptsAsync(held.Lease, owner, attempts, held.Lost).ConfigureAwait(false)).ToHashSet();
        return begun.Count == wave.Length
            ? intended
            : [.. intended.Select(call => new ArraySegment<ClaimedItem>([.. call.Where(item => begun.Contains(item.Item))])).Where(call => call.Count > 0)];
    }

    /// <summary>The items of each call: one, or as many as a bulk step takes.</summary>
    private List<ArraySegment<ClaimedItem>> CallsOf(ClaimedItem[] items)
    {
        var size = plan.Stage.Manifest.BulkSize ?? 1;
        var all = new List<ArraySegment<ClaimedItem>>((items.Length + size - 1) / size);
        for (var first = 0; first < items.Length; first += size)
        {
            all.Add(new(items, first, Math.Min(size, items.Length - first)));
        }

        return all;
    }

    /// <summary>The attempts that one call makes: several attempts of a bulk step bear one call's id.</summary>
    private IEnumerable<AttemptStart> Starts(ArraySegment<ClaimedItem> call, KeyRing? keys)
    {
        Guid? id = plan.Stage.Manifest.BulkSize is null ? null : Guid.CreateVersion7(time.GetUtcNow());
        return call.Select(item => Start(item, keys) with { Call = id });
    }

    private AttemptStart Start(ClaimedItem item, KeyRing? keys)
    {
        var attempt = new AttemptStart(item.Item, item.Generation, item.Attempt + 1);
        if (keys is null)
        {
            return attempt;
        }

        var token = CallbackToken.Create(new(held.Lease.Range, item.Item, attempt.Attempt), keys);
        tokens[item.Item] = token.ToString();
        return attempt with { TokenHash = token.Hash };
    }

    private StepContext Context(ClaimedItem item, object? settings) => tokens.TryGetValue(item.Item, out var token)
        ? plan.Context(item, settings, time, token, callbacks.AddressOf(token))
        : plan.Context(item, settings, time);

    private async Task CallAsync(ReadyStep ready, List<ArraySegment<ClaimedItem>> intended, bool attemptsAreOpen, CancellationToken stop)
    {
        var outcomes = Channel.CreateUnbounded<ItemCommit>(new() { SingleReader = true });
        using var runner = new StepRunner(ready, plan, item => Context(item, ready.Options), time, intended, outcomes.Writer, limit);
        var running = EndAsync(runner, outcomes.Writer, attemptsAreOpen, stop);
        try
        {
            await CommitAllAsync(outcomes.Reader, running, attemptsAreOpen).ConfigureAwait(false);
        }
        catch
        {
            // Nothing can be written any more, so that nothing more is called; and no call is left without its watch.
            await StopAsync(runner, running, outcomes.Writer, attemptsAreOpen: false).ConfigureAwait(false);
            throw;
        }

        await running.ConfigureAwait(false);
    }

    private async Task EndAsync(StepRunner runner, ChannelWriter<ItemCommit> outcomes, bool attemptsAreOpen, CancellationToken stop)
    {
        try
        {
            var running = runner.RunAsync(Math.Max(1, options.InFlight / (plan.Stage.Manifest.BulkSize ?? 1)));
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, Lost);
            await time.WaitAsync(running, Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(false);
            if (!running.IsCompleted)
            {
                await StopAsync(runner, running, outcomes, attemptsAreOpen).ConfigureAwait(false);
            }
        }
        finally
        {
            outcomes.TryComplete();
        }
    }

    private async Task StopAsync(StepRunner runner, Task running, ChannelWriter<ItemCommit> outcomes, bool attemptsAreOpen)
    {
        runner.Stop(item =>
        {
            if (attemptsAreOpen && !Lost.IsCancellationRequested)
            {
                outcomes.TryWrite(plan.Verdict.Drained(item));
            }
        });
        await time.WaitAsync(running, options.DrainTimeout, Lost).ConfigureAwait(false);

        // Again and again, because a call may have been on the point of beginning. A pure step's item simply stays due.
        var outcome = attemptsAreOpen && !Lost.IsCancellationRequested ? StepOutcome.Unknown("The host was stopped during the call.") : null;
        while (!running.IsCompleted)
        {
            runner.Abandon(outcome);
            await time.WaitAsync(running, TimeSpan.FromMilliseconds(20), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task CommitAllAsync(ChannelReader<ItemCommit> outcomes, Task running, bool attemptsAreOpen)
    {
        var set = new List<ItemCommit>(options.ClaimSize);
        while (await outcomes.WaitToReadAsync().ConfigureAwait(false))
        {
            if (options.CommitDelay > TimeSpan.Zero)
            {
                await time.WaitAsync(running, options.CommitDelay, CancellationToken.None).ConfigureAwait(false);
            }

            while (set.Count < options.ClaimSize && outcomes.TryRead(out var outcome))
            {
                set.Add(outcome);
            }

            await CommitAsync(set, attemptsAreOpen).ConfigureAwait(false);
            set.Clear();
        }
    }

    private async Task CommitAsync(List<ItemCommit> set, bool attemptsAreOpen)
    {
        if (set.Count == 0)
        {
            return;
        }

        if (answeredLater && attemptsAreOpen)
        {
            // Of those that were sent, an answer that was faster has settled what is missing here.
            var settled = await writer.SettleAsync(plan, new(held.Lease.Range, set, []) { Asks = plan.Batch.Asks }).ConfigureAwait(false);
            advanced |= settled.Shared || set.Exists(outcome => outcome.Advances && settled.Items.Contains(outcome.Item));
            Outcomes += settled.Items.Count - Drained(set, settled.Items);
            return;
        }

        var (written, shared) = await writer.CommitAsync(plan, new(held.Lease, owner, attemptsAreOpen, set) { Asks = plan.Batch.Asks }, options.Lease).ConfigureAwait(false);
        advanced |= shared || (written.Count > 0 && !plan.Last);
        Outcomes += written.Count - Drained(set, written);
        if (written.Count < set.Count)
        {
            Log.CommitsLost(logger, set.Count - written.Count, set.Count);
        }
    }

    private static int Drained(List<ItemCommit> set, IReadOnlySet<int> written) => set.Count(commit => Verdict.IsDrained(commit) && written.Contains(commit.Item));
}
