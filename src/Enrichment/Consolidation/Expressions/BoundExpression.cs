namespace Enrichment.Consolidation.Expressions;

/// <summary>A part of an expression whose types fit.</summary>
/// <param name="Syntax">As it is written.</param>
/// <param name="Type">What it gives.</param>
/// <param name="Value">Computes it; it never throws because of a value.</param>
internal sealed record BoundExpression(ExpressionSyntax Syntax, ExpressionType Type, Func<ExpressionScope, object?> Value)
{
    public static readonly object True = true;
    public static readonly object False = false;

    public int At => Syntax.At;

    public static object? Truth(bool value) => value ? True : False;

    /// <summary>The same values as another type; null stays null.</summary>
    public BoundExpression As(ExpressionType type, Func<object, object?> convert)
    {
        var value = Value;
        return new(Syntax, type, scope => value(scope) is { } known ? convert(known) : null);
    }

    /// <summary>A number, if it is an integer.</summary>
    public BoundExpression Widened() =>
        Type.Kind == ExpressionKind.Integer ? As(ExpressionType.Number, known => (decimal)(long)known) : this;
}
