namespace Enrichment.Consolidation.Expressions;

/// <summary>An expression is not sound. The column's name is added outside.</summary>
/// <param name="position">Where in the text, from 0.</param>
/// <param name="message">What is wrong, and how to mend it.</param>
internal sealed class ExpressionException(int position, string message) : Exception(message)
{
    public int Position { get; } = position;
}
