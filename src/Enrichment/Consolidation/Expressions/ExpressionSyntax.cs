namespace Enrichment.Consolidation.Expressions;

/// <summary>A part of an expression as it is written.</summary>
/// <param name="At">Where it begins, from 0.</param>
internal abstract record ExpressionSyntax(int At);

internal sealed record LiteralSyntax(int At, ExpressionType Type, object? Value) : ExpressionSyntax(At);

internal sealed record NameSyntax(int At, string Name) : ExpressionSyntax(At);

internal sealed record AsOfSyntax(int At) : ExpressionSyntax(At);

internal sealed record NotSyntax(int At, ExpressionSyntax Operand) : ExpressionSyntax(At);

internal sealed record MinusSyntax(int At, ExpressionSyntax Operand) : ExpressionSyntax(At);

internal sealed record LogicSyntax(int At, bool IsAnd, IReadOnlyList<ExpressionSyntax> Parts) : ExpressionSyntax(At);

/// <summary>A calculation or a comparison, by its sign.</summary>
internal sealed record BinarySyntax(int At, string Sign, ExpressionSyntax Left, ExpressionSyntax Right) : ExpressionSyntax(At);

internal sealed record BetweenSyntax(int At, ExpressionSyntax Value, ExpressionSyntax Low, ExpressionSyntax High) : ExpressionSyntax(At);

internal sealed record InSyntax(int At, ExpressionSyntax Value, IReadOnlyList<LiteralSyntax> Literals) : ExpressionSyntax(At);

internal sealed record InListSyntax(int At, ExpressionSyntax Value, string List, string Column) : ExpressionSyntax(At);

internal sealed record IsNullSyntax(int At, ExpressionSyntax Value) : ExpressionSyntax(At);

internal sealed record CallSyntax(int At, string Function, IReadOnlyList<ExpressionSyntax> Arguments) : ExpressionSyntax(At);

internal sealed record CaseSyntax(
    int At,
    IReadOnlyList<(ExpressionSyntax When, ExpressionSyntax Then)> Branches,
    ExpressionSyntax? Else) : ExpressionSyntax(At);

/// <summary>A function over the rows of a child table.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Function">any, all, count, first, min, max or list.</param>
/// <param name="Child">The child table.</param>
/// <param name="Where">Which of its rows count; null: all.</param>
/// <param name="Value">What is taken of a row.</param>
/// <param name="By">The order of the rows; null: their own.</param>
/// <param name="Descending">Whether the greatest is first.</param>
internal sealed record AggregateSyntax(
    int At,
    string Function,
    string Child,
    ExpressionSyntax? Where,
    ExpressionSyntax? Value,
    ExpressionSyntax? By,
    bool Descending) : ExpressionSyntax(At);
