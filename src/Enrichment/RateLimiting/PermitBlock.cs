using Enrichment.Storage;

namespace Enrichment.RateLimiting;

/// <summary>A block of calls on the host's clock. Used under its limiter's lock.</summary>
/// <param name="block">Its key.</param>
/// <param name="calls">How many calls.</param>
/// <param name="first">When the first may leave at the earliest.</param>
/// <param name="gap">From one to the next.</param>
/// <param name="late">How late each may leave: afterwards it lapses, so that never more than the burst meet at the vendor.</param>
internal sealed class PermitBlock(HeldBlock block, int calls, long first, double gap, long late)
{
    private int next;

    public HeldBlock Key => block;

    /// <summary>Whether its one call is to tell whether a failing vendor answers again.</summary>
    public bool IsTrial { get; init; }

    /// <summary>Whether a worker makes that call: its report ends the block.</summary>
    public bool IsOut { get; set; }

    /// <summary>Calls that have begun, or wait for their moment, and have not ended.</summary>
    public int Running { get; set; }

    public bool Answered { get; set; }

    public bool Failed { get; set; }

    /// <summary>How many of its calls failed one after the other.</summary>
    public int Failures { get; set; }

    /// <summary>Set when the vendor has asked to slow down, or is failing: calls that were not sent by then are not sent.</summary>
    public bool Stopped { get; private set; }

    /// <summary>How many calls it still allows.</summary>
    public int Left(long now)
    {
        while (next < calls && At(next) + late < now)
        {
            next++;
        }

        return calls - next;
    }

    /// <summary>Takes the next call.</summary>
    public bool TryTake(long now, out long at)
    {
        at = Left(now) > 0 ? At(next++) : 0;
        return at != 0;
    }

    public bool IsLate(long at, long now) => now > at + late;

    public void Stop()
    {
        Stopped = true;
        next = calls;
    }

    /// <summary>The report to the store at its end.</summary>
    /// <param name="unused">Its unused permits.</param>
    /// <param name="breakAfter">How many calls may fail one after the other, on all hosts together.</param>
    public BlockEnd End(int unused, int breakAfter) =>
        new(block, unused, Answered, Failed) { Failures = Failures, BreakAfter = breakAfter, IsOut = IsOut };

    private long At(int call) => first + (long)(call * gap);
}
