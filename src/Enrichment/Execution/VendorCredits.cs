using System.Collections.Immutable;

namespace Enrichment.Execution;

/// <summary>Accounts with vendors that are used up, as far as this host has heard. Nothing is called for them until, after a pause, one call tells whether more was bought.</summary>
/// <param name="time">The host's clock.</param>
internal sealed class VendorCredits(TimeProvider time)
{
    /// <summary>How long an account is left alone, and how long an item waits that was told so.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(15);

    // Asked before and after each call, and as good as always empty: a concurrent dictionary takes all its locks to say so.
    private ImmutableDictionary<(string Client, string Account), Empty> accounts = ImmutableDictionary<(string, string), Empty>.Empty;

    /// <summary>Whether nothing may be called for a stage, not even to find out.</summary>
    public bool IsPaused(StagePlan plan) => !accounts.IsEmpty && accounts.TryGetValue(Key(plan), out var empty) && !empty.Probes && Rest(empty) > TimeSpan.Zero;

    /// <summary>How many of some calls may be made: all, none, or one to find out.</summary>
    /// <param name="plan">The stage.</param>
    /// <param name="calls">How many are wanted.</param>
    /// <param name="rest">If none, for how long.</param>
    public int Allow(StagePlan plan, int calls, out TimeSpan rest)
    {
        rest = TimeSpan.Zero;
        if (accounts.IsEmpty || !accounts.TryGetValue(Key(plan), out var empty))
        {
            return calls;
        }

        rest = Rest(empty);
        if (rest > TimeSpan.Zero)
        {
            return 0;
        }

        // If nothing comes of it, because another host was faster or it was lost, the next one finds out.
        var probe = new Empty(time.GetTimestamp(), plan.Stage.Timeout, Probes: true);
        return ImmutableInterlocked.TryUpdate(ref accounts, Key(plan), probe, empty) ? 1 : Allow(plan, calls, out rest);
    }

    /// <summary>What the vendor said to a call.</summary>
    public void Note(StagePlan plan, StepOutcome outcome)
    {
        if (outcome.ErrorClass == ErrorClass.OutOfCredits)
        {
            var told = new Empty(time.GetTimestamp(), Pause, Probes: false);
            ImmutableInterlocked.AddOrUpdate(ref accounts, Key(plan), told, (_, _) => told);
        }
        else if (!accounts.IsEmpty && outcome.Kind is StepOutcomeKind.Completed or StepOutcomeKind.NotFound or StepOutcomeKind.AwaitingCallback or StepOutcomeKind.AwaitingPoll
            && accounts.TryGetValue(Key(plan), out var empty) && empty.Probes)
        {
            ImmutableInterlocked.Update(ref accounts, all => all.TryGetValue(Key(plan), out var now) && now == empty ? all.Remove(Key(plan)) : all);
        }
    }

    private TimeSpan Rest(Empty empty) => empty.For - time.GetElapsedTime(empty.Since);

    private static (string Client, string Account) Key(StagePlan plan) =>
        (plan.Stage.Limits is { Shared: true } ? "" : plan.Batch.Client, plan.Stage.Limits?.Name ?? plan.Stage.Manifest.Slug);

    /// <summary>An account that is used up.</summary>
    /// <param name="Since">When that was heard, or the call began that is to find out.</param>
    /// <param name="For">How long nothing is called.</param>
    /// <param name="Probes">Whether a call is out that is to find out.</param>
    private sealed record Empty(long Since, TimeSpan For, bool Probes);
}
