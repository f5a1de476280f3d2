using Enrichment.Consolidation.Evaluation;
using Enrichment.Json;

namespace Enrichment.Consolidation.Definitions;

/// <summary>
/// Where a column's value may come from. A column uses the first of its sources that has a value of the column's type.
/// </summary>
internal abstract record ColumnSource
{
    private protected ColumnSource()
    {
    }

    /// <summary>What it is, as an issue says it.</summary>
    public abstract string Words { get; }

    /// <summary>How much its value is trusted, for a column that chooses by confidence.</summary>
    public decimal? Confidence { get; init; }

    /// <summary>How it writes its values; null if it does so as every column reads them.</summary>
    public ValueFormat? Format { get; init; }

    /// <summary>Where a result or an element says when the value was observed, for a column that chooses the latest.</summary>
    public JsonPointer? Observed { get; init; }

    /// <summary>Where a result or an element says how much its value is trusted; stronger than <see cref="Confidence"/>.</summary>
    public JsonPointer? ConfidenceAt { get; init; }
}

/// <summary>
/// A field, as a step after the last would see it: the latest stage's answer that is not null, else the first cell of the field's columns
/// that is not blank.
/// </summary>
/// <param name="Field">The canonical name, such as <c>company.domain</c>.</param>
internal sealed record FieldSource(string Field) : ColumnSource
{
    public override string Words => $"field {Field}";
}

/// <summary>A place in a step's result.</summary>
/// <param name="Step">The step's slug. If several stages run it, the latest that has a value serves.</param>
/// <param name="Pointers">JSON pointers (RFC 6901) into the result, in order: the first at which it has a value serves.</param>
internal sealed record ResultSource(string Step, IReadOnlyList<JsonPointer> Pointers) : ColumnSource
{
    public override string Words => $"result {Step} {string.Join(" or ", Pointers)}";

    public bool Equals(ResultSource? other) =>
        base.Equals(other)
        && Step == other.Step
        && Pointers.SequenceEqual(other.Pointers);

    public override int GetHashCode() => HashCode.Combine(Step, Pointers.Count, Confidence);
}

/// <summary>What is known of a step's result beside its content. If several stages run the step, the latest with a result serves.</summary>
/// <param name="Step">The step's slug.</param>
/// <param name="Meta">What.</param>
internal sealed record MetaSource(string Step, ResultMeta Meta) : ColumnSource
{
    public override string Words => $"result {Step} {Meta.Word()}";
}

/// <summary>A column of the uploaded file, by its header as it is in the file; of equal headers the first.</summary>
/// <param name="Header">The header, compared by its characters.</param>
internal sealed record HeaderSource(string Header) : ColumnSource
{
    public override string Words => $"column {Header}";
}

/// <summary>A place in an element of a child table's array.</summary>
/// <param name="Pointer">A JSON pointer (RFC 6901), relative to the element.</param>
internal sealed record ElementSource(JsonPointer Pointer) : ColumnSource
{
    public override string Words => $"element {Pointer}";
}
