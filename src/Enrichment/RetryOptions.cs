using Enrichment.Pipelines;

namespace Enrichment;

/// <summary>Which items begin a new generation, and from where. A property that is left out does not restrict them.</summary>
public sealed record RetryOptions
{
    /// <summary>The stage to begin from, from 1.</summary>
    /// <value>Null: the stage at which each item failed.</value>
    public short? FromStage { get; init; }

    /// <summary>
    /// Only these items. Together with <see cref="FromStage"/>, and without <see cref="ErrorClass"/>, it also takes items that did not
    /// fail. It is an error if one of them is not in the batch.
    /// </summary>
    public IReadOnlyList<int>? Items { get; init; }

    /// <summary>Only items that failed with this class of error.</summary>
    public ErrorClass? ErrorClass { get; init; }

    /// <summary>
    /// Whether items that failed as <see cref="Enrichment.ErrorClass.OutcomeUnknown"/> at the stage that they begin from call again with
    /// the idempotency key of their last generation: a vendor that heeds it does no work twice. Others begin with a key of their own.
    /// </summary>
    /// <value>Null: where the step is declared safe to repeat.</value>
    public bool? SameKey { get; init; }

    /// <summary>Only items whose record, with every answer so far, satisfies this condition.</summary>
    public Condition? Where { get; init; }
}
