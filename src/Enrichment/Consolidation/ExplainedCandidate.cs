namespace Enrichment.Consolidation;

/// <summary>What a source of a column has for an item; of a folded cell, what an item of its key has.</summary>
/// <param name="Source">
/// The source as the definition has it: <c>field</c> and its name, <c>column</c> and its header, or <c>result</c>, the step and the
/// pointer. Empty for an item of a folded cell that has no value, or the values of all sources.
/// </param>
/// <param name="Outcome">
/// <c>chosen</c>: it is the cell, or a part of a list that takes the values of all sources. <c>not_chosen</c>: it casts, and another source
/// serves. <c>empty</c>: there is no value, a null or a blank one. <c>word_for_nothing</c>: it is a word such as <c>n/a</c>.
/// <c>does_not_cast</c>: it is not of the column's type. <c>does_not_normalise</c>: the column's spelling cannot be made of it.
/// <c>not_in_batch</c>: the batch does not have this step, header or field.
/// Of a pruned batch: <c>not_kept</c>: another source serves, or none, and what this one had is gone. <c>unknown</c>: the table does not
/// tell whether it serves.
/// </param>
public sealed record ExplainedCandidate(string Source, string Outcome)
{
    /// <summary>
    /// The value as it was found, at most its first 200 characters: a string without quotes, else JSON. Null if there is none.
    /// </summary>
    public string? Raw { get; init; }

    /// <summary>What it casts to, as in <see cref="ProjectedRow.Values"/>; null if it does not.</summary>
    public object? Value { get; init; }

    /// <summary>The uploaded column in which the value was found; null if it is from a result.</summary>
    public string? Header { get; init; }

    /// <summary>
    /// The step in whose result the value was found; if there is no value, the step that was asked. Null if it is from the uploaded row.
    /// </summary>
    public string? Step { get; init; }

    /// <summary>The place in the result at which the value was found, as a JSON pointer.</summary>
    public string? Pointer { get; init; }

    /// <summary>Of <see cref="ExplainedCell.Items"/>: the batch of the item that has the value. Else null.</summary>
    public Guid? Batch { get; init; }

    /// <summary>That item.</summary>
    public int? Item { get; init; }

    /// <summary>The step's version.</summary>
    public string? Version { get; init; }

    /// <summary>The number of the stage that ran the step, from 1.</summary>
    public int? Stage { get; init; }

    /// <summary>The attempt that the result is of; null if the stage has no result.</summary>
    public int? Attempt { get; init; }

    /// <summary>When the result was stored.</summary>
    public DateTimeOffset? StoredAt { get; init; }

    /// <summary>When the value was observed, or its result stored, if the column takes the latest.</summary>
    public DateTimeOffset? Observed { get; init; }

    /// <summary>How much the value is trusted, if the column takes the most trusted.</summary>
    public decimal? Confidence { get; init; }
}
