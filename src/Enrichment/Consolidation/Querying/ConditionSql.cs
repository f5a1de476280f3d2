using System.Globalization;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;
using Enrichment.Consolidation.Tables;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Querying;

/// <summary>
/// Says a condition on the columns of a table in SQL. Every value is a parameter, and every identifier is a column that the table has.
/// </summary>
/// <remarks>
/// A condition is true or false, never unknown. Where it has to hold, a comparison with null may be null in SQL: it stands below
/// <c>and</c> and <c>or</c> only, where null does what false does. Where it must not hold, the comparison is <c>is not true</c>. So a plain
/// comparison stays one that an index serves.
/// </remarks>
/// <param name="statement">Which columns there are, and the statement's parameters.</param>
internal sealed class ConditionSql(QueryStatement statement)
{
    private const int LongestText = 1_000;
    private const int MostComparisons = 500;

    private int comparisons;

    private ProjectionDialect Dialect => statement.Dialect;

    /// <exception cref="EnrichmentException">A column is not known, or a value is not of its type.</exception>
    public string Of(Condition condition) => Of(condition, statement.Column, holds: true);

    private string Of(Condition condition, Func<string, QueriedColumn> columns, bool holds) => condition switch
    {
        Negation not => Of(not.Condition, columns, !holds),
        ConditionGroup group =>
            Joined([.. group.Conditions.Select(part => Of(part, columns, holds))], group.IsAll == holds ? "and" : "or"),
        ChildCondition child when columns == statement.Column =>
            $"{(holds ? "" : "not ")}{statement.AnyChild(child.Name, inner => Of(child.Condition, inner, holds: true))}",
        ChildCondition child => throw new EnrichmentException(
            $"The condition asks for rows of '{Excerpt.Of(child.Name)}' inside of a child table. Child tables have no children: put both side by side into \"all\"."),
        FieldExists exists => $"{Counted(columns(exists.Name)).Sql} is {(exists.IsPresent == holds ? "not " : "")}null",
        FieldIn list => Leaf(In(columns(list.Name), list), holds),
        FieldComparison { Comparison: Comparison.Ne } unequal => Leaf(Compare(columns(unequal.Name), Comparison.Eq, unequal.Value), !holds),
        FieldComparison compared => Leaf(Compare(columns(compared.Name), compared.Comparison, compared.Value), holds),
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "No such condition."),
    };

    private static string Leaf(string comparison, bool holds) => holds ? comparison : $"({comparison}) is not true";

    private string In(QueriedColumn column, FieldIn list)
    {
        if (column.Type is ColumnType.PartialDate or ColumnType.TextList)
        {
            return Joined([.. list.Values.Select(value => Compare(column, Comparison.Eq, value))], "or");
        }

        var whole = $"{Comparable(Counted(column))} in ({string.Join(", ", list.Values.Select(value => Bind(column, value)))})";
        return IsOfBeginnings(column)
            ? $"({Beginning(column)} in ({string.Join(", ", list.Values.Select(value => BindBeginning(ComparedValue.Of(column, value))))}) and {whole})"
            : whole;
    }

    // An index has the beginning of a text alone: it finds texts that begin alike.
    private static bool IsOfBeginnings(QueriedColumn column) => column is { IsIndexed: true, Type: ColumnType.Text };

    private string Beginning(QueriedColumn column) =>
        Dialect.Comparable(ProjectionDialect.Sorted(column.Sql, ColumnType.Text), ColumnType.Text);

    private string BindBeginning(object text) => statement.Bind(ProjectionDialect.Sorted(text), ColumnType.Text);

    private QueriedColumn Counted(QueriedColumn column) => ++comparisons <= MostComparisons
        ? column
        : throw new EnrichmentException($"The query has more than {MostComparisons} comparisons. Join values of one column by \"in\".");

    // As a tree: SQLite takes no expression that is more than 1,000 deep, and each part of a chain is one deeper.
    private static string Joined(ReadOnlySpan<string> parts, string word) => parts.Length == 1
        ? parts[0]
        : $"({Joined(parts[..(parts.Length / 2)], word)} {word} {Joined(parts[(parts.Length / 2)..], word)})";

    private string Compare(QueriedColumn column, Comparison comparison, ConditionValue value)
    {
        Counted(column);
        var isOrder = comparison is Comparison.Lt or Comparison.Le or Comparison.Gt or Comparison.Ge;
        if (isOrder && column.Type is ColumnType.Boolean or ColumnType.TextList)
        {
            throw new EnrichmentException(
                $"{column.Named}, which has no order. Use {(column.Type == ColumnType.Boolean ? "eq, ne, in or exists" : "eq, ne, in, contains or exists")}.");
        }

        if (comparison == Comparison.Contains && column.Type is not (ColumnType.Text or ColumnType.TextList))
        {
            throw new EnrichmentException($"{column.Named}, and \"contains\" is for texts.");
        }

        return column.Type switch
        {
            ColumnType.TextList =>
                $"exists (select 1 from {Dialect.Elements(column.Sql, "e")} where {OneText(column, "e.value", comparison, value)})",
            ColumnType.Text => OneText(column, column.Sql, comparison, value),
            ColumnType.PartialDate => Days(column, comparison, (PartialDate)ComparedValue.Of(column, value)),
            _ => $"{Comparable(column)} {Sign(comparison)} {Bind(column, value)}",
        };
    }

    private string OneText(QueriedColumn column, string sql, Comparison comparison, ConditionValue value)
    {
        var text = (string)ComparedValue.Of(column, value);
        if (comparison != Comparison.Contains)
        {
            var whole = $"{Dialect.Comparable(sql, ColumnType.Text)} {Sign(comparison)} {statement.Bind(text, ColumnType.Text)}";
            return IsOfBeginnings(column)
                ? $"({Beginning(column)} {Sign(OrEqual(comparison))} {BindBeginning(text)} and {whole})"
                : whole;
        }

        return text.Length <= LongestText
            ? Dialect.Contains(sql, statement.Bind(Dialect.Part(text), ColumnType.Text))
            : throw new EnrichmentException(
                string.Create(CultureInfo.InvariantCulture, $"Column '{column.Name}' is searched for a text of {text.Length} characters. Search for at most {LongestText}."));
    }

    // A month or a year is the span of its days: before it is before its first day, until it is until its last.
    private string Days(QueriedColumn column, Comparison comparison, PartialDate date) => comparison switch
    {
        Comparison.Lt => Until(column, "<", date.First),
        Comparison.Le => Until(column, "<=", date.Last),
        Comparison.Gt => $"{column.Sql} > {Day(date.Last)}",
        Comparison.Ge => $"{column.Sql} >= {Day(date.First)}",
        _ => $"({column.Sql} = {Day(date.First)} and {column.Last} = {Day(date.Last)})",
    };

    // The first day is not after the last one, and an index begins with it.
    private string Until(QueriedColumn column, string sign, DateOnly day) =>
        $"{column.Last} {sign} {Day(day)}" is var last && column.IsIndexed ? $"({column.Sql} {sign} {Day(day)} and {last})" : last;

    private string Day(DateOnly day) => statement.Bind(day, ColumnType.Date);

    private string Comparable(QueriedColumn column) => Dialect.Comparable(column.Sql, column.StoredType);

    private string Bind(QueriedColumn column, ConditionValue value) =>
        statement.Bind(ComparedValue.Of(column, value), column.StoredType);

    private static Comparison OrEqual(Comparison comparison) => comparison switch
    {
        Comparison.Lt => Comparison.Le,
        Comparison.Gt => Comparison.Ge,
        _ => comparison,
    };

    private static string Sign(Comparison comparison) => comparison switch
    {
        Comparison.Eq => "=",
        Comparison.Lt => "<",
        Comparison.Le => "<=",
        Comparison.Gt => ">",
        _ => ">=",
    };
}
