namespace Enrichment.Pipelines;

/// <summary>A stage's changes of its step's retries; a null stays as the step declares it, or at the engine's default.</summary>
internal sealed record RetryOverride
{
    /// <summary>Tries in one generation, the first included. From 1 to 100. Null: as the step's manifest says.</summary>
    public int? Tries { get; init; }

    /// <summary>
    /// The longest wait after the first try; doubles with each further one. From 1 millisecond to 1 hour. Null: 1 second.
    /// </summary>
    public TimeSpan? BaseDelay { get; init; }

    /// <summary>
    /// What the doubling ends at. From <see cref="BaseDelay"/> to 1 day. Null: 5 minutes, or <see cref="BaseDelay"/> if that is longer.
    /// </summary>
    public TimeSpan? MaxDelay { get; init; }

    internal RetryPolicy Over(StepManifest manifest)
    {
        var policy = new RetryPolicy { MaxTries = Tries ?? manifest.MaxTries };
        var baseDelay = BaseDelay ?? (MaxDelay < policy.BaseDelay ? MaxDelay.Value : policy.BaseDelay);
        return policy with { BaseDelay = baseDelay, MaxDelay = MaxDelay ?? (policy.MaxDelay > baseDelay ? policy.MaxDelay : baseDelay) };
    }

    internal void Check()
    {
        if (Tries is < 1 or > 100)
        {
            throw new EnrichmentException($"{Tries} tries are not possible: expected 1 to 100.");
        }

        if (BaseDelay is { } first && (first < TimeSpan.FromMilliseconds(1) || first > TimeSpan.FromHours(1)))
        {
            throw new EnrichmentException($"A base delay of {first} is not possible: expected 00:00:00.001 to 01:00:00.");
        }

        if (MaxDelay is { } longest && (longest < (BaseDelay ?? TimeSpan.FromMilliseconds(1)) || longest > TimeSpan.FromDays(1)))
        {
            throw new EnrichmentException($"A maximal delay of {longest} is not possible: expected the base delay to 1.00:00:00.");
        }
    }
}
