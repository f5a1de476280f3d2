using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>One call of a step, for one item or, of a bulk step, for several. Whoever ends it first, the step or the watch over its time, decides its outcome.</summary>
#pragma warning disable CA1001 // Its cancellation source is never disposed: without a timer it holds nothing, and an abandoned step may still look at the token.
internal sealed class StepRun(ArraySegment<ClaimedItem> items)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource cancellation = new();
    private int ended;

    public ArraySegment<ClaimedItem> Items { get; } = items;

    /// <summary>What its limit allowed it; null without a limit.</summary>
    public LimitSlot? Slot { get; set; }

    public CancellationToken Token => cancellation.Token;

    /// <summary>From 0 to 1, for the spread of the backoff. The items of a call share it, so that what failed with one call comes back as one, and not as a call for each item.</summary>
    public double Spread { get; } = Random.Shared.NextDouble();

    /// <summary>When the call began, as a timestamp of the host's clock; 0 before.</summary>
    public long StartedAt { get; set; }

    public bool IsRunning => StartedAt != 0 && Volatile.Read(ref ended) == 0;

    /// <summary>True for the first who ends it.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref ended, 1) == 0;

    /// <summary>Asks the step to stop. Whatever the step hung onto the token runs on another thread, and its faults are its own.</summary>
    public void Cancel() => _ = cancellation.CancelAsync();
}
