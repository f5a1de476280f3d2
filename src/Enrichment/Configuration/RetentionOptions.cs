namespace Enrichment;

/// <summary>How long ended batches are kept. Without it nothing is ever deleted.</summary>
public sealed record RetentionOptions
{
    /// <summary>How long an ended batch is kept at least, by the store's clock. A retry restarts the time.</summary>
    /// <value>No default: the host decides. From 1 day.</value>
    /// <remarks>
    /// On PostgreSQL a batch is pruned with the others of its month, up to 31 days later: their results are then dropped, not deleted row
    /// by row.
    /// </remarks>
    public required TimeSpan Keep { get; init; }

    /// <summary>A folder into which each batch is written before it goes, as <c>ID.jsonl.gz</c>. Null: nothing is written.</summary>
    /// <remarks>Made if it is not there. Of several hosts any may prune: give them one folder, or collect them.</remarks>
    public string? Archive { get; init; }

    /// <summary>How often one of the hosts looks for batches whose time has come.</summary>
    /// <value>1 hour. From 1 second to 30 days.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What the configuration says, over what the code has set, if it has.</summary>
    internal static RetentionOptions From(SectionReader section, RetentionOptions? code)
    {
        var options = code ?? new() { Keep = TimeSpan.Zero };
        return options with
        {
            Keep = section.Read(nameof(Keep), options.Keep),
            Archive = section.Read(nameof(Archive), options.Archive),
            Interval = section.Read(nameof(Interval), options.Interval),
        };
    }

    internal void Validate()
    {
        foreach (var problem in Problems())
        {
            throw new EnrichmentException($"Retention cannot be used. {problem}");
        }
    }

    /// <summary>The options that are out of range.</summary>
    /// <param name="prefix">The text before the name of an option.</param>
    internal IEnumerable<string> Problems(string prefix = "")
    {
        if (Keep < TimeSpan.FromDays(1))
        {
            yield return $"{prefix}{nameof(Keep)}: expected how long ended batches are kept, at least 1 day, such as 90.00:00:00; got {Keep}. To prune younger batches now and then, call PruneAsync.";
        }

        if (Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromDays(30))
        {
            yield return $"{prefix}{nameof(Interval)}: expected 1 second to 30 days, got {Interval}.";
        }
    }
}
