using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Definitions;

/// <summary>Values of another workstream's rows, in which expressions look values up: those of the rows of the same client.</summary>
internal sealed record ProjectionList
{
    /// <summary>How expressions name it.</summary>
    public required string Name { get; init; }

    /// <summary>The workstream whose rows have the values.</summary>
    public required string Workstream { get; init; }

    /// <summary>Its columns in order.</summary>
    public required IReadOnlyList<ProjectionColumn> Columns { get; init; }

    /// <summary>What expressions may name of it.</summary>
    public ExpressionTable Schema => new(Name, [.. Columns.Select(column => (column.Name, column.ExpressionType))]);

    /// <summary>How issues name one of its columns.</summary>
    public string NameOf(ProjectionColumn column) => $"{Name}.{column.Name}";
}
