using System.Diagnostics;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>
/// One call of a step, for one item or, of a bulk step, for several. The first to end it, the step or its time-out, decides its outcome.
/// </summary>
#pragma warning disable CA1001 // Its cancellation source is never disposed: without a timer it holds nothing, and an abandoned step may still look at the token.
internal sealed class StepRun(ArraySegment<ClaimedItem> items, bool hasSlot)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource cancellation = new();
    private int ended;
    private int begun;
    private int waitArranged;
    private int thread = (int)Thread.None;
    private int waits = (int)(hasSlot ? Waits.WithSlot : Waits.No);

    private enum Thread
    {
        None,
        Held,
        Left,
    }

    private enum Waits
    {
        No,
        WithSlot,
        WithPuller,
        Over,
    }

    public ArraySegment<ClaimedItem> Items { get; } = items;

    /// <summary>Its permit under the rate limit; null without a limit.</summary>
    public Permit? Permit { get; set; }

    /// <summary>Whether room was taken for its answer.</summary>
    public bool HasRoom { get; set; }

    /// <summary>How large its answer was; null if there was none.</summary>
    public long? Answered { get; set; }

    public CancellationToken Token => cancellation.Token;

    /// <summary>
    /// From 0 to 1, for the spread of the backoff. The items of a call share it, so that what failed with one call comes back as one, and
    /// not as a call for each item.
    /// </summary>
    public double Spread { get; } = Random.Shared.NextDouble();

    /// <summary>When the call began, as a timestamp of the host's clock; 0 before.</summary>
    public long StartedAt { get; set; }

    /// <summary>Its span; null without a listener.</summary>
    public Activity? Span { get; set; }

    public bool IsRunning => StartedAt != 0 && Volatile.Read(ref ended) == 0;

    /// <summary>Whether the step still blocks the thread on which it was called.</summary>
    public bool HoldsThread => Volatile.Read(ref thread) == (int)Thread.Held;

    /// <summary>Whether it has ended, or waits for its answer with a slot of the host's calls in flight.</summary>
    public bool IsAccountedFor => Volatile.Read(ref waits) is (int)Waits.WithSlot or (int)Waits.Over;

    /// <summary>True for the first caller that ends it.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref ended, 1) == 0;

    /// <summary>True once, when the step was called and has freed its thread, or will not be called.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref begun, 1) == 0;

    /// <summary>True once, when it has a slot or a puller for its wait, or does not wait.</summary>
    public bool TryArrangeWait() => Interlocked.Exchange(ref waitArranged, 1) == 0;

    public void HoldThread() => Volatile.Write(ref thread, (int)Thread.Held);

    /// <summary>True for the first caller: the puller of the thread, or the time-out that replaces the puller.</summary>
    public bool TryLeaveThread() => Interlocked.CompareExchange(ref thread, (int)Thread.Left, (int)Thread.Held) == (int)Thread.Held;

    /// <summary>Gives it a slot while it waits for its answer. False if it has ended meanwhile, or has one.</summary>
    public bool TryKeepSlot() => Interlocked.CompareExchange(ref waits, (int)Waits.WithSlot, (int)Waits.No) == (int)Waits.No;

    /// <summary>Makes a puller wait for its end. False if it has ended meanwhile, or has a slot.</summary>
    public bool TryKeepPuller() => Interlocked.CompareExchange(ref waits, (int)Waits.WithPuller, (int)Waits.No) == (int)Waits.No;

    /// <summary>Says at its end what it kept.</summary>
    public (bool Slot, bool Puller) LetGo() => (Waits)Interlocked.Exchange(ref waits, (int)Waits.Over) is var kept
        ? (kept == Waits.WithSlot, kept == Waits.WithPuller)
        : default;

    /// <summary>
    /// Cancels the step. Callbacks that the step registered on the token run on another thread, and their faults do no harm here.
    /// </summary>
    public void Cancel() => _ = cancellation.CancelAsync();
}
