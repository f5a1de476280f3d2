using System.Globalization;
using Enrichment.Consolidation.Definitions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Expressions;

/// <summary>The expression of a computed column, checked.</summary>
internal sealed class ComputedExpression
{
    private readonly Func<ExpressionScope, object?> value;

    private ComputedExpression(BoundExpression bound, ExpressionBinder binder, ExpressionSchema schema)
    {
        value = bound.Value;
        Type = bound.Type;
        Columns = binder.Columns;
        Children = binder.Children;
        Lists = binder.Lists;
        AsOf = binder.UsesAsOf ? AsOfCondition.Of(bound.Syntax, schema) : null;
    }

    private ComputedExpression(ComputedFunction function, ExpressionType type, ExpressionSchema schema)
    {
        var named = schema.Columns.Index().Where(column => column.Item.Name.Length > 0).ToArray();
        Type = type;
        Columns = named.Select(column => column.Item.Name).ToHashSet(StringComparer.Ordinal);
        Children = new HashSet<string>();
        Lists = new HashSet<string>();
        value = scope => function.Value(scope, named.ToDictionary(
            column => column.Item.Name,
            column => ComputedFunction.Shown(scope.Row[column.Index], column.Item.Type),
            StringComparer.Ordinal));
    }

    /// <summary>What it gives.</summary>
    public ExpressionType Type { get; }

    /// <summary>The columns of the row that it names.</summary>
    public IReadOnlySet<string> Columns { get; }

    /// <summary>The child tables that it names.</summary>
    public IReadOnlySet<string> Children { get; }

    /// <summary>The lists that it names.</summary>
    public IReadOnlySet<string> Lists { get; }

    /// <summary>For an expression that depends on the reader's day: the condition that a store answers. Null: it is a cell.</summary>
    public AsOfCondition? AsOf { get; }

    /// <summary>A function of the host, which may read every column that an expression in its place could name.</summary>
    public static ComputedExpression Of(ComputedFunction function, ExpressionType type, ExpressionSchema schema) =>
        new(function, type, schema);

    /// <summary>Checks the expression of a column.</summary>
    /// <param name="column">The column, for messages.</param>
    /// <param name="text">The expression.</param>
    /// <param name="schema">What it may name.</param>
    /// <exception cref="EnrichmentException">It is not sound; the message says where and how to mend it.</exception>
    public static ComputedExpression Of(string column, string text, ExpressionSchema schema)
    {
        try
        {
            if (JsonGate.Refuse(text) is not null)
            {
                throw new ExpressionException(0, "the expression holds NUL or half of a surrogate pair, which cannot be stored. Remove it.");
            }

            var binder = new ExpressionBinder(schema);
            var bound = binder.Bind(ExpressionParser.Parse(text));
            return bound.Type.Kind is ExpressionKind.Null or ExpressionKind.Duration
                ? throw new ExpressionException(bound.At, $"a column cannot hold {bound.Type.Named}. Give it a text, a number, a date or a truth value.")
                : new(bound, binder, schema);
        }
        catch (ExpressionException exception)
        {
            throw new EnrichmentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Column '{Excerpt.Of(column)}', at character {exception.Position + 1} of its expression{Near(text, exception.Position)}: {exception.Message}"),
                exception);
        }
    }

    /// <summary>The value for a row, as <see cref="ExpressionKind"/> documents it. The scope notes what cannot be computed.</summary>
    public object? Value(ExpressionScope scope) => value(scope);

    private static string Near(string text, int position) =>
        position < text.Length ? $", '{Excerpt.Of(text[position..Math.Min(text.Length, position + 20)])}'" : "";
}
