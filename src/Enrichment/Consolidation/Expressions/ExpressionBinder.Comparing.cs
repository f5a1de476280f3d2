namespace Enrichment.Consolidation.Expressions;

/// <summary>Comparisons, ranges and lists.</summary>
internal sealed partial class ExpressionBinder
{
    private static BoundExpression Comparison(ExpressionSyntax syntax, string sign, BoundExpression left, BoundExpression right)
    {
        var (one, other) = Comparable(syntax.At, sign, left, right);
        return Both<object, object>(
            syntax,
            one,
            other,
            ExpressionType.Boolean,
            (_, a, b) => ExpressionComparison.Holds(sign, a, b) is { } truth ? BoundExpression.Truth(truth) : null);
    }

    private BoundExpression Between(BetweenSyntax between)
    {
        var value = Bind(between.Value);
        var low = Comparison(between, ">=", value, Bind(between.Low)).Value;
        var high = Comparison(between, "<=", value, Bind(between.High)).Value;
        return new(between, ExpressionType.Boolean, scope => (low(scope), high(scope)) switch
        {
            (false, _) or (_, false) => BoundExpression.False,
            (true, true) => BoundExpression.True,
            _ => null,
        });
    }

    private BoundExpression In(InSyntax within)
    {
        var value = Bind(within.Value);
        var found = within.Literals
            .Select(literal => literal.Type.Kind == ExpressionKind.Null
                ? throw new ExpressionException(literal.At, "null is in no list of values: nothing equals it. Write 'or … is null'.")
                : Comparison(within, "=", value, Bind(literal)).Value)
            .ToArray();
        return new(within, ExpressionType.Boolean, scope =>
        {
            var result = BoundExpression.Truth(false);
            foreach (var equals in found)
            {
                switch (equals(scope))
                {
                    case true:
                        return BoundExpression.True;
                    case null:
                        result = null;
                        break;
                }
            }

            return result;
        });
    }

    private BoundExpression InList(InListSyntax within, BoundExpression value)
    {
        var table = schema.Lists.FirstOrDefault(list => list.Name == within.List)
            ?? throw new ExpressionException(
                within.At,
                $"'{Excerpt.Of(within.List)}' is no list of the definition.{Nearest.Hint(within.List, schema.Lists.Select(list => list.Name))} Declare it under 'lists'.");
        var position = Position(table.Columns, within.Column);
        if (position < 0)
        {
            throw new ExpressionException(
                within.At,
                $"the list '{within.List}' has no column '{Excerpt.Of(within.Column)}'."
                + $"{Nearest.Hint(within.Column, table.Columns.Select(column => column.Name))}");
        }

        Lists.Add(within.List);
        var type = table.Columns[position].Type;
        var asked = type.Kind == ExpressionKind.Number ? value.Widened() : value;
        if (asked.Type != type
            || type.Kind is not (ExpressionKind.Text or ExpressionKind.Integer or ExpressionKind.Number or ExpressionKind.Date))
        {
            throw new ExpressionException(
                within.At,
                $"{value.Type.Named} cannot be in {within.List}.{within.Column}, which holds {type.Named}. Lists hold texts, numbers or dates.");
        }

        var read = asked.Value;
        return new(
            within,
            ExpressionType.Boolean,
            scope => read(scope) is { } known
                && scope.IsListed(within.List, within.Column, known) is { } has ? BoundExpression.Truth(has) : null);
    }

    /// <summary>The two sides of a comparison as one type.</summary>
    private static (BoundExpression Left, BoundExpression Right) Comparable(
        int at,
        string sign,
        BoundExpression left,
        BoundExpression right)
    {
        if (left.Type.Kind == ExpressionKind.Null || right.Type.Kind == ExpressionKind.Null)
        {
            throw new ExpressionException(at, "nothing equals null, so this is never true. Write 'is null' or 'is not null'.");
        }

        if (left.Type.IsNumeric && right.Type.IsNumeric && left.Type != right.Type)
        {
            (left, right) = (left.Widened(), right.Widened());
        }

        (left, right) = (Partly(left, right.Type), Partly(right, left.Type));
        (left, right) = (Ranked(left, right.Type), Ranked(right, left.Type));
        var fits = left.Type == right.Type
            && (left.Type.IsOrdered || (left.Type.Kind == ExpressionKind.Boolean && sign is "=" or "<>"));
        return fits
            ? (left, right)
            : throw new ExpressionException(
                at,
                $"'{sign}' cannot compare {left.Type.Named} with {right.Type.Named}. {ComparisonHint(left.Type.Kind, right.Type.Kind)}");
    }

    private static string ComparisonHint(ExpressionKind left, ExpressionKind right) => (left, right) switch
    {
        (ExpressionKind.Duration, _) or (_, ExpressionKind.Duration) => "Compare days_between(from, to) with a number of days.",
        (ExpressionKind.Date, ExpressionKind.Text) or (ExpressionKind.Text, ExpressionKind.Date) => "Write a day as date '2026-02-28'.",
        (ExpressionKind.TextList, _) or (_, ExpressionKind.TextList) => "Use has(list, text) or size(list).",
        (ExpressionKind.Boolean, ExpressionKind.Boolean) => "Truth values have no order: use '=' or '<>'.",
        _ => "Both sides must have one type, and an order.",
    };

    /// <summary>A day as a partial date, where it is compared with one.</summary>
    private static BoundExpression Partly(BoundExpression side, ExpressionType other) =>
        side.Type.Kind == ExpressionKind.Date && other.Kind == ExpressionKind.PartialDate
            ? side.As(other, day => new PartialDate((DateOnly)day, (DateOnly)day))
            : side;

    /// <summary>The rank of a label, where it is compared with a bucket.</summary>
    private static BoundExpression Ranked(BoundExpression side, ExpressionType other)
    {
        if (other.Scale is not { } scale || side.Syntax is not LiteralSyntax { Value: string label })
        {
            return side;
        }

        object rank = scale.RankOfLabel(label)
            ?? throw new ExpressionException(
                side.At,
                $"'{Excerpt.Of(label)}' is no bucket of '{scale.Name}'.{Nearest.Hint(label, scale.Labels)} Known: {string.Join(", ", scale.Labels)}.");
        return side with { Type = other, Value = _ => rank };
    }
}
