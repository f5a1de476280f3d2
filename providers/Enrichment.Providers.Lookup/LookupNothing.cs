namespace Enrichment.Providers.Lookup;

/// <summary>Known negatives: rows that say that an earlier search found nothing.</summary>
public sealed class LookupNothing
{
    /// <summary>The column that is true (<c>true</c>, <c>t</c>, <c>yes</c>, <c>y</c>, a number other than 0) in such a row.</summary>
    public required string Column { get; init; }

    /// <summary>How many days old such a row may be. Null: as others.</summary>
    public double? Days { get; init; }
}
