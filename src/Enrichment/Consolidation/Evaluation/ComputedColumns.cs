using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Checks the expressions of a row's columns.</summary>
internal static class ComputedColumns
{
    /// <summary>The columns, those with an expression bound to the others.</summary>
    /// <param name="columns">All columns as declared. An expression may name those with sources, and stored computed ones before it.</param>
    /// <param name="schema">What else they may name.</param>
    /// <param name="problems">Gets what is wrong with an expression.</param>
    public static IReadOnlyList<ProjectionColumn> Bind(
        IReadOnlyList<ProjectionColumn> columns,
        ExpressionSchema schema,
        List<string> problems)
    {
        // A name that cannot be named yet is empty: places in the schema are those of the columns.
        var known = columns.Select(column => (column.Formula is null ? column.Name : "", column.ExpressionType))
            .ToArray();
        var bound = columns.ToArray();
        foreach (var (place, column) in columns.Index().Where(column => column.Item.Formula is not null))
        {
            if (column.Function is { } function)
            {
                bound[place] = column.With(ComputedExpression.Of(function, column.ExpressionType, schema with { Columns = [.. known] }));
                known[place] = (column.Name, column.ExpressionType);
                continue;
            }

            try
            {
                var computed = ComputedExpression.Of(column.Name, column.Expression!, schema with { Columns = known });
                var hidden = columns.FirstOrDefault(known => known.IsHidden && computed.Columns.Contains(known.Name));
                if (computed.AsOf is not null && hidden is not null)
                {
                    problems.Add($"Column '{Excerpt.Of(column.Name)}' depends on as_of and names '{hidden.Name}', which is hidden: the store answers it, and does not have that column. Show it.");
                }

                bound[place] = column.With(computed);
                known[place] = (computed.AsOf is null ? column.Name : "", computed.Type);
            }
            catch (EnrichmentException exception)
            {
                problems.Add(exception.Message);
            }
        }

        return bound;
    }
}
