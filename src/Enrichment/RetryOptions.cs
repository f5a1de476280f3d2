using Enrichment.Pipelines;

namespace Enrichment;

/// <summary>Which items begin a new generation, and from where. What is left out does not restrict.</summary>
public sealed record RetryOptions
{
    /// <summary>The stage to begin from, from 1.</summary>
    /// <value>Null: the stage at which each item failed.</value>
    public short? FromStage { get; init; }

    /// <summary>Only these items. Together with <see cref="FromStage"/>, and without <see cref="ErrorClass"/>, it also takes items that did not fail. It is an error if one of them is not in the batch.</summary>
    public IReadOnlyList<int>? Items { get; init; }

    /// <summary>Only items that failed with this class of error.</summary>
    public ErrorClass? ErrorClass { get; init; }

    /// <summary>Only items whose record, with every answer so far, satisfies this condition.</summary>
    public Condition? Where { get; init; }
}
