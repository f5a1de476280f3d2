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

internal sealed record IsNullSyntax(int At, ExpressionSyntax Value) : ExpressionSyntax(At);

internal sealed record CallSyntax(int At, string Function, IReadOnlyList<ExpressionSyntax> Arguments) : ExpressionSyntax(At);

internal sealed record CaseSyntax(
    int At,
    IReadOnlyList<(ExpressionSyntax When, ExpressionSyntax Then)> Branches,
    ExpressionSyntax? Else) : ExpressionSyntax(At);
