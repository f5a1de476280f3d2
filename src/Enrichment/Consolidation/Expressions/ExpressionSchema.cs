namespace Enrichment.Consolidation.Expressions;

/// <summary>What an expression may name.</summary>
/// <param name="Columns">The columns of the row in the order of the values. What has no name yet cannot be named.</param>
internal sealed record ExpressionSchema(IReadOnlyList<(string Name, ExpressionType Type)> Columns)
{
    /// <summary>The scales of buckets.</summary>
    public IReadOnlyList<BucketScale> Buckets { get; init; } = [];
}
