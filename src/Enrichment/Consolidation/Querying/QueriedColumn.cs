using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Querying;

/// <summary>A column of a table as a statement names it.</summary>
/// <param name="Name">Its name in messages: of a child table's column with the child's.</param>
/// <param name="Column">The declared column.</param>
/// <param name="Sql">Its value in SQL; of a partial date the first day.</param>
/// <param name="Last">Of a partial date the last day in SQL; else the same as <paramref name="Sql"/>.</param>
internal sealed record QueriedColumn(string Name, ProjectionColumn Column, string Sql, string Last)
{
    /// <summary>Whether an index of the table has its order.</summary>
    public bool IsIndexed { get; init; }

    /// <summary>What it holds.</summary>
    public ColumnType Type => Column.Type;

    /// <summary>What its cells in the database hold.</summary>
    public ColumnType StoredType => Type switch
    {
        ColumnType.PartialDate => ColumnType.Date,
        ColumnType.Bucket => ColumnType.Integer,
        _ => Type,
    };

    /// <summary>Its cells in SQL: two of a partial date.</summary>
    public IReadOnlyList<string> Cells => Type == ColumnType.PartialDate ? [Sql, Last] : [Sql];

    /// <summary>The labels of a bucket.</summary>
    public BucketScale Scale => Column.Computed!.Type.Scale!;

    /// <summary>The column with its type, for messages.</summary>
    public string Named => $"Column '{Name}' is {Column.ExpressionType.Named}";
}
