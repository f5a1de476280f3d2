using Enrichment.Pipelines;

namespace Enrichment;

/// <summary>The items that an operator resolves, and why. A property that is left out does not restrict them.</summary>
public sealed record ResolveOptions
{
    /// <summary>Only items at this stage, from 1.</summary>
    public short? Stage { get; init; }

    /// <summary>
    /// Only these items: also those that did not fail and are waiting to begin, and it is an error if one of them cannot be ended. Null:
    /// items that failed.
    /// </summary>
    public IReadOnlyList<int>? Items { get; init; }

    /// <summary>Only items that failed with this class of error.</summary>
    public ErrorClass? ErrorClass { get; init; }

    /// <summary>Only items whose record, with every answer so far, satisfies this condition.</summary>
    public Condition? Where { get; init; }

    /// <summary>Why, in the operator's words: kept with the batch's events and with the items.</summary>
    public string? Reason { get; init; }
}
