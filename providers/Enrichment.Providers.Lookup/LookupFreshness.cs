namespace Enrichment.Providers.Lookup;

/// <summary>Which rows are fresh enough to answer. One that is not is as if it were not there.</summary>
public sealed class LookupFreshness
{
    /// <summary>
    /// The column that says when the row was observed: a date or an instant, as text in the manner of ISO 8601. Without an offset it is
    /// UTC; a date begins at midnight.
    /// </summary>
    public required string Column { get; init; }

    /// <summary>How many days old it may be, to the instant. A date in the future is fresh.</summary>
    public required double Days { get; init; }

    /// <summary>How a row without a date counts. Default: <see cref="LookupUndated.Stale"/>.</summary>
    public LookupUndated Undated { get; init; }
}
