namespace Enrichment.Consolidation.Expressions;

/// <summary>Functions over the rows of a child table.</summary>
internal sealed partial class ExpressionBinder
{
    private BoundExpression Aggregate(AggregateSyntax syntax)
    {
        var index = schema.Children.Index().FirstOrDefault(known => known.Item.Name == syntax.Child, (-1, null!)).Item1;
        if (child is not null || index < 0)
        {
            throw new ExpressionException(
                syntax.At,
                child is not null
                    ? $"'{syntax.Function}' stands inside of another function over a child table. Give the inner one a column of its own."
                    : $"'{Excerpt.Of(syntax.Child)}' is no child table.{Nearest.Hint(syntax.Child, schema.Children.Select(known => known.Name))} Declare it under 'children'.");
        }

        Children.Add(syntax.Child);
        child = schema.Children[index];
        var where = syntax.Where is { } condition ? Boolean(condition, "where").Value : null;
        var value = syntax.Value is { } taken ? Bind(taken) : null;
        var by = syntax.By is { } order ? Bind(order) : null;
        child = null;
        if (by is { Type: { IsOrdered: false } or { Kind: ExpressionKind.PartialDate } })
        {
            throw new ExpressionException(by.At, $"{by.Type.Named} has no order. Order by a text, a number or a date; earliest(…) makes a date of a partial one.");
        }

        return syntax.Function switch
        {
            "any" => new(syntax, ExpressionType.Boolean, scope => Some(scope, index, where, decides: true)),
            "all" => new(syntax, ExpressionType.Boolean, scope => Some(scope, index, where, decides: false)),
            "count" => new(syntax, ExpressionType.Integer, scope => (long)Rows(scope, index, where).Count),
            "first" => new(syntax, value!.Type, scope => Ordered(scope, index, where, by, syntax.Descending, value).FirstOrDefault()),
            "list" => value!.Type.Kind == ExpressionKind.Text
                ? new(
                    syntax,
                    ExpressionType.TextList,
                    scope => Ordered(scope, index, where, by, syntax.Descending, value).OfType<string>().ToArray())
                : throw new ExpressionException(value.At, $"'list' takes texts, found {value.Type.Named}."),
            _ => Extreme(syntax, index, where, value!),
        };
    }

    private static BoundExpression Extreme(
        AggregateSyntax syntax,
        int index,
        Func<ExpressionScope, object?>? where,
        BoundExpression value)
    {
        if (syntax.By is { } by)
        {
            throw new ExpressionException(by.At, $"'{syntax.Function}' has no order. Remove 'by', or use 'first'.");
        }

        if (!value.Type.IsOrdered || value.Type.Kind == ExpressionKind.PartialDate)
        {
            throw new ExpressionException(value.At, $"'{syntax.Function}' takes values that have an order, found {value.Type.Named}.");
        }

        var sign = syntax.Function == "max" ? 1 : -1;
        return new(syntax, value.Type, scope =>
        {
            object? extreme = null;
            foreach (var found in Ordered(scope, index, where, by: null, descending: false, value))
            {
                extreme = found is not null && (extreme is null || sign * ExpressionComparison.Order(found, extreme) > 0) ? found : extreme;
            }

            return extreme;
        });
    }

    // True or false as soon as a row decides it, null if a row might, else the opposite.
    private static object? Some(ExpressionScope scope, int index, Func<ExpressionScope, object?>? where, bool decides)
    {
        var result = BoundExpression.Truth(!decides);
        foreach (var row in scope.Children[index])
        {
            scope.Child = row;
            switch (where is null ? BoundExpression.True : where(scope))
            {
                case null:
                    result = null;
                    break;
                case bool truth when truth == decides:
                    return BoundExpression.Truth(decides);
            }
        }

        return result;
    }

    private static List<IReadOnlyList<object?>> Rows(ExpressionScope scope, int index, Func<ExpressionScope, object?>? where)
    {
        var rows = new List<IReadOnlyList<object?>>();
        foreach (var row in scope.Children[index])
        {
            scope.Child = row;
            if (where is null || where(scope) is true)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    /// <summary>The values of the rows in their order, rows without one last.</summary>
    private static IEnumerable<object?> Ordered(
        ExpressionScope scope,
        int index,
        Func<ExpressionScope, object?>? where,
        BoundExpression? by,
        bool descending,
        BoundExpression value)
    {
        var rows = Rows(scope, index, where).Select(row =>
        {
            scope.Child = row;
            return (Key: by?.Value(scope), Value: value.Value(scope));
        }).ToList();
        if (by is null)
        {
            return rows.Select(row => row.Value);
        }

        var order = Comparer<object>.Create((one, other) =>
            descending ? ExpressionComparison.Order(other, one) : ExpressionComparison.Order(one, other));
        return rows.Where(row => row.Key is not null).OrderBy(row => row.Key!, order).Concat(rows.Where(row => row.Key is null))
            .Select(row => row.Value);
    }
}
