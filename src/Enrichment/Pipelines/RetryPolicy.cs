
namespace Enrichment.Pipelines;

/// <summary>The retry rule: how often and after how long a stage tries again; part of the snapshot.</summary>
/// <remarks>
/// <c>OutcomeRules</c> uses it for each outcome that may be tried again, and decides which outcomes count as a try. An operator's retry is
/// different: it begins a new generation.
/// </remarks>
internal sealed record RetryPolicy
{
    /// <summary>A vendor may ask for a longer wait than a batch can afford; another call after this time does no harm.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>Tries in one generation, the first included.</summary>
    public required int MaxTries { get; init; }

    /// <summary>The longest wait after the first try. Doubles with each further try.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What the doubling ends at.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether a stage tries again after so many tries.</summary>
    public bool Allows(int tries) => tries < MaxTries;

    /// <summary>How long to wait.</summary>
    /// <param name="tries">The tries used so far; less than 1 counts as 1.</param>
    /// <param name="random">
    /// From 0 up to 1. Spreads the wait over its upper half ("equal jitter"), so that calls that failed together are not repeated together.
    /// </param>
    /// <param name="retryAfter">
    /// The vendor's Retry-After (RFC 9110 section 10.2.3): waited for in full up to <see cref="LongestRetryAfter"/>, and then spread over
    /// <see cref="BaseDelay"/>. Zero or less counts as null.
    /// </param>
    public TimeSpan Delay(int tries, double random, TimeSpan? retryAfter = null)
    {
        if (retryAfter is { } requested && requested > TimeSpan.Zero)
        {
            return (requested < LongestRetryAfter ? requested : LongestRetryAfter) + (BaseDelay * random);
        }

        // 2^40 base delays are beyond any MaxDelay that is allowed; more would overflow.
        var ticks = BaseDelay.Ticks * Math.Pow(2, Math.Clamp(tries - 1, 0, 40));
        return TimeSpan.FromTicks((long)(Math.Min(ticks, MaxDelay.Ticks) * (0.5 + (random / 2))));
    }
}
