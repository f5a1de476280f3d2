using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.RateLimiting;

/// <summary>
/// One rate limit on this host for one client: blocks that are leased from the store ahead of their time and used call by call, and the
/// vendor's answers about the limit.
/// </summary>
/// <remarks>
/// A permit has a time. Its call may leave a little later, by half of the burst; then it lapses. So in any window of time no more calls
/// leave than the rate allows, plus half of the burst, and a dead host's permits end with their block. The store's clock gives the times;
/// each host reads them late, never early.
/// </remarks>
#pragma warning disable CA1001 // Its semaphore is never disposed: nobody asks for its handle, so that it holds nothing.
internal sealed class DistributedRateLimiter(
    IRateLimitStore store,
    StoreRetry storeRetry,
    LimitKey key,
    CallLimits limits,
    RetryPolicy retry,
    string client,
    WorkerRun run)
#pragma warning restore CA1001
{
    // After a lost race for a new limit.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(5);

    private readonly TimeProvider time = run.Time;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim asking = new(1, 1);
    private readonly List<PermitBlock> blocks = [];
    private int promised; // Calls that leases have not made yet.
    private long restsUntil; // The store has given the time until then away.
    private long frees; // How often a call was answered that had kept its place.
    private long pausedUntil; // The vendor wants no call before.
    private TimeSpan typical;
    private int failures;
    private int slowdowns;
    private Task telling = Task.CompletedTask;

    /// <summary>Whether others make the calls: blocks are as long as may be, because hosts do not know how long the calls take.</summary>
    public bool IsForWorkers { get; init; }

    /// <summary>How long no permit is available, as far as this host knows.</summary>
    public TimeSpan Rest
    {
        get
        {
            lock (gate)
            {
                var (now, until) = (time.GetTimestamp(), Math.Max(restsUntil, pausedUntil));
                return until > now ? time.GetElapsedTime(now, until) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Reads the store again at once, because a sent call was answered.</summary>
    public void Freed()
    {
        lock (gate)
        {
            restsUntil = 0;
            frees++;
        }
    }

    /// <summary>Whether permits are left that no claim loop has taken.</summary>
    public bool HasSpare
    {
        get
        {
            lock (gate)
            {
                return Spare > 0;
            }
        }
    }

    /// <summary>
    /// The blocks whose calls count as in flight, for the heartbeat. A block without users lapses.
    /// </summary>
    public IEnumerable<HeldBlock> Held
    {
        get
        {
            lock (gate)
            {
                return limits.Concurrency is null
                    ? []
                    : [.. blocks.Where(block => block.Running > 0 || promised > 0).Select(block => block.Key)];
            }
        }
    }

    /// <summary>Calls that may be made now or in a moment.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="stop">Ends the wait for another claim loop's request.</param>
    /// <returns>Null if there are none; <see cref="Rest"/> says for how long.</returns>
    public async Task<RateLimitLease?> AcquireAsync(int most, CancellationToken stop)
    {
        if (Promise(most) is { } ready)
        {
            return ready;
        }

        await asking.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (Promise(most) is { } meanwhile)
            {
                return meanwhile;
            }

            await ReturnAsync().ConfigureAwait(false);
            if (Rest > TimeSpan.Zero)
            {
                return null;
            }

            await LeaseAsync(most).ConfigureAwait(false);
            return Promise(most);
        }
        finally
        {
            asking.Release();
        }
    }

    /// <summary>
    /// Gives back used blocks, whose calls have been made or have lapsed; with a limit on calls in flight, all blocks that no call needs
    /// now.
    /// </summary>
    public async Task ReturnAsync(bool all = false)
    {
        List<BlockEnd> ends = [];
        lock (gate)
        {
            var now = time.GetTimestamp();
            foreach (var block in blocks.Where(block => block.Running == 0).ToList())
            {
                var left = block.Left(now);
                if (left == 0 || all || (limits.Concurrency is not null && promised == 0))
                {
                    blocks.Remove(block);
                    ends.Add(block.End(left, limits.BreakAfter));
                }
            }
        }

        await Interlocked.Exchange(ref telling, Task.CompletedTask).ConfigureAwait(false);
        foreach (var end in ends)
        {
            await TellAsync(token => store.ReturnPermitsAsync(end, token)).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the next call that is left.</summary>
    /// <param name="promised">1 if a lease takes what it was promised; 0 if that has lapsed.</param>
    public Permit? Take(int promised)
    {
        lock (gate)
        {
            this.promised -= promised;
            var now = time.GetTimestamp();
            foreach (var block in blocks)
            {
                if (block.TryTake(now, out var at))
                {
                    block.Running++;
                    block.IsOut = IsForWorkers && block.IsTrial;
                    return new(this, block, at);
                }
            }

            return null;
        }
    }

    /// <summary>Whether a call whose moment has come may be made.</summary>
    public bool Begin(Permit permit)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (permit.Block.Stopped || permit.Block.IsLate(permit.At, now))
            {
                return false;
            }

            permit.Begun = Math.Max(1, now);
            return true;
        }
    }

    public void End(Permit permit)
    {
        lock (gate)
        {
            permit.Block.Running--;
            if (permit.Begun > 0)
            {
                var took = time.GetElapsedTime(permit.Begun);
                typical = typical == TimeSpan.Zero ? took : (typical * 0.8) + (took * 0.2);
            }
        }
    }

    public void GiveBack(int unmade)
    {
        lock (gate)
        {
            promised -= unmade;
        }
    }

    /// <summary>The vendor's answer about the limit, for all waiting calls.</summary>
    public void Note(Permit permit, StepOutcome outcome)
    {
        lock (gate)
        {
            switch (outcome.Kind)
            {
                case StepOutcomeKind.Skipped:
                    break; // It was not asked.
                case StepOutcomeKind.RateLimited when outcome.ErrorClass != ErrorClass.OutOfCredits:
                    failures = permit.Block.Failures = 0;
                    SlowDown(outcome.RetryAfter);
                    break;
                case StepOutcomeKind.Retry or StepOutcomeKind.Unknown:
                    permit.Block.Failed = true;
                    permit.Block.Failures++;
                    if (++failures >= limits.BreakAfter)
                    {
                        failures = 0;
                        Pause(BlockEnd.FirstPause, failing: true);
                    }

                    break;
                default:
                    permit.Block.Answered = true;
                    permit.Block.Failures = 0;
                    failures = slowdowns = 0;
                    break;
            }
        }
    }

    // Calls that were in flight together say so together: that counts once.
    private void SlowDown(TimeSpan? asked)
    {
        if (pausedUntil <= time.GetTimestamp())
        {
            slowdowns++;
        }
        else if (asked is null)
        {
            return;
        }

        var wait = retry.Delay(slowdowns, Random.Shared.NextDouble(), asked);
        var pause = wait < RetryPolicy.LongestRetryAfter ? wait : RetryPolicy.LongestRetryAfter; // Nobody can lift it.
        if (Until(pause) > pausedUntil)
        {
            Pause(pause, failing: false);
        }
    }

    private void Pause(TimeSpan pause, bool failing)
    {
        blocks.ForEach(block => block.Stop());
        pausedUntil = Math.Max(pausedUntil, Until(pause));
        telling = Task.WhenAll(telling, Task.Run(() => TellAsync(token => store.PauseLimitAsync(key, pause, failing, token))));
    }

    private int Spare => time.GetTimestamp() is var now ? blocks.Sum(block => block.Left(now)) - promised : 0;

    private RateLimitLease? Promise(int most)
    {
        lock (gate)
        {
            var count = Math.Min(most, Spare);
            if (count <= 0)
            {
                return null;
            }

            promised += count;
            return new(this, count, time);
        }
    }

    private async Task LeaseAsync(int most)
    {
        TimeSpan span;
        long before;
        lock (gate)
        {
            before = frees;
            span = IsForWorkers
                ? PermitRequest.LongestBlock
                : TimeSpan.FromTicks(Math.Clamp(2 * typical.Ticks, PermitRequest.ShortestBlock.Ticks, PermitRequest.LongestBlock.Ticks));
        }

        var begun = time.GetTimestamp();
        var leased = await store.LeasePermitsAsync(
            PermitRequest.Of(limits, key, client, run.Owner, PermitRequest.Fitting(limits, span, most), run.Options.Lease),
            CancellationToken.None).ConfigureAwait(false);
        lock (gate)
        {
            if (leased.Block == 0)
            {
                restsUntil = Math.Max(restsUntil, Until(leased.Wait > ShortestRest && frees == before ? leased.Wait : ShortestRest));
                return;
            }

            // The store's now lies somewhere between request and response: the first time is read as if it was at the end, the last as if
            // at the beginning. A response that took longer than half of the allowed lateness costs exactness; otherwise no call could ever
            // be sent.
            var now = time.GetTimestamp();
            var late = limits.Rate is null
                ? Ticks(PermitRequest.LongestBlock)
                : Math.Max(Ticks(limits.Late) - (now - begun), Ticks(limits.Late) / 2);
            var block = new PermitBlock(new(key, leased.Block), leased.Calls, now + Ticks(leased.StartsIn), Ticks(limits.Gap), late)
            {
                IsTrial = leased.IsTrial,
            };
            blocks.Add(block);
            if (pausedUntil > now)
            {
                block.Stop(); // What paused the limit came while the store was asked.
            }
        }
    }

    private long Until(TimeSpan wait) => time.GetTimestamp() + Ticks(wait);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private async Task TellAsync(Func<CancellationToken, Task> tell) => await storeRetry.RunAsync(
        async token =>
        {
            await tell(token).ConfigureAwait(false);
            return true;
        },
        CancellationToken.None).ConfigureAwait(false);
}
