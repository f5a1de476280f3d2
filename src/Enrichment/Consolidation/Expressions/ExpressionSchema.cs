namespace Enrichment.Consolidation.Expressions;

/// <summary>A table whose columns an expression may name.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Columns">Its columns in the order of the values.</param>
internal sealed record ExpressionTable(string Name, IReadOnlyList<(string Name, ExpressionType Type)> Columns);

/// <summary>What an expression may name.</summary>
/// <param name="Columns">The columns of the row in the order of the values.</param>
internal sealed record ExpressionSchema(IReadOnlyList<(string Name, ExpressionType Type)> Columns)
{
    /// <summary>The child tables of the row.</summary>
    public IReadOnlyList<ExpressionTable> Children { get; init; } = [];

    /// <summary>Lists of values of other workstreams.</summary>
    public IReadOnlyList<ExpressionTable> Lists { get; init; } = [];

    /// <summary>The scales of buckets.</summary>
    public IReadOnlyList<BucketScale> Buckets { get; init; } = [];
}
