namespace Enrichment.Consolidation.Expressions;

/// <summary>
/// A condition that depends on the day from which the reader looks. It is no cell: a store answers it when it reads the row.
/// </summary>
/// <remarks>
/// Everything but columns is computed here, before the statement is bound, so that an index serves and no database calculates with months.
/// </remarks>
internal sealed class AsOfCondition
{
    private const string Form =
        "'as_of' stands in a comparison on a side of its own, against a stored date or partial_date of the row, and such comparisons are joined by 'and'";

    private readonly List<Term> terms = [];
    private readonly ExpressionSchema schema;

    private AsOfCondition(ExpressionSchema schema) => this.schema = schema;

    /// <summary>Takes an expression apart.</summary>
    /// <param name="syntax">An expression that has been bound to the schema.</param>
    /// <param name="schema">The stored columns.</param>
    /// <exception cref="ExpressionException">The expression has not the form that a store can answer.</exception>
    public static AsOfCondition Of(ExpressionSyntax syntax, ExpressionSchema schema)
    {
        var condition = new AsOfCondition(schema);
        foreach (var part in syntax is LogicSyntax { IsAnd: true } logic ? logic.Parts : [syntax])
        {
            condition.terms.Add(condition.TermOf(part, isNot: false));
        }

        return condition;
    }

    /// <summary>The condition in SQL: true, false or null.</summary>
    /// <param name="asOf">The day from which the reader looks.</param>
    /// <param name="column">A column in SQL; of a partial date its first and its last day.</param>
    /// <param name="bind">Makes a parameter of a day, and gives its place in the statement.</param>
    public string ToSql(DateOnly asOf, Func<string, (string First, string Last)> column, Func<DateOnly, string> bind)
    {
        var scope = new ExpressionScope { Row = [], AsOf = asOf };
        return string.Join(" and ", terms.Select(term =>
        {
            var (first, last) = column(term.Column);
            // A day outside of the calendar is unknown.
            string[] days = [.. term.Days.Select(day => day.Value(scope) is DateOnly known ? bind(known) : "cast(null as date)")];
            return $"({term.Sql(first, last, days)})";
        }));
    }

    private Term TermOf(ExpressionSyntax syntax, bool isNot) => syntax switch
    {
        NotSyntax { Operand: not NotSyntax } not when !isNot => TermOf(not.Operand, isNot: true),
        NameSyntax name when IsKind(name, ExpressionKind.Boolean) => new(name.Name, [], (column, _, _) => isNot ? $"not {column}" : column),
        IsNullSyntax { Value: NameSyntax name } => new(name.Name, [], (column, _, _) => $"{column} is {(isNot ? "not " : "")}null"),
        BinarySyntax { Left: NameSyntax name } binary when IsDay(name) && Day(binary.Right) is { } day =>
            Comparison(name, binary.Sign, day, isNot),
        BinarySyntax { Right: NameSyntax name } binary when IsDay(name) && Day(binary.Left) is { } day =>
            Comparison(name, Turned(binary.Sign), day, isNot),
        BetweenSyntax { Value: NameSyntax name } between when IsDay(name) && Day(between.Low) is { } low && Day(between.High) is { } high =>
            Range(name, low, high, isNot),
        _ => throw new ExpressionException(
            syntax.At,
            $"a store cannot answer this part. {Form}; beside them only truth columns and 'is null' may stand. Compute the rest in a column of its own, and name it here."),
    };

    private Term Comparison(NameSyntax name, string sign, BoundExpression day, bool isNot)
    {
        if (!IsKind(name, ExpressionKind.PartialDate))
        {
            return new(name.Name, [day], (column, _, days) => $"{(isNot ? "not " : "")}{column} {sign} {days[0]}");
        }

        return new(name.Name, [day], (first, last, days) =>
        {
            var at = days[0];
            var (yes, no) = sign switch
            {
                "=" => ($"{first} = {at} and {last} = {at}", $"{last} < {at} or {first} > {at}"),
                "<>" => ($"{last} < {at} or {first} > {at}", $"{first} = {at} and {last} = {at}"),
                "<" => ($"{last} < {at}", $"{first} >= {at}"),
                "<=" => ($"{last} <= {at}", $"{first} > {at}"),
                ">" => ($"{first} > {at}", $"{last} <= {at}"),
                _ => ($"{first} >= {at}", $"{last} < {at}"),
            };
            return Cases(yes, no, isNot);
        });
    }

    private Term Range(NameSyntax name, BoundExpression low, BoundExpression high, bool isNot) =>
        IsKind(name, ExpressionKind.PartialDate)
            ? new(name.Name, [low, high], (first, last, days) =>
                Cases($"{first} >= {days[0]} and {last} <= {days[1]}", $"{last} < {days[0]} or {first} > {days[1]}", isNot))
            : new(name.Name, [low, high], (column, _, days) => $"{column} {(isNot ? "not " : "")}between {days[0]} and {days[1]}");

    private static string Cases(string yes, string no, bool isNot) =>
        $"case when {yes} then {(isNot ? "false" : "true")} when {no} then {(isNot ? "true" : "false")} end";

    private static string Turned(string sign) => sign switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => sign,
    };

    private bool IsDay(NameSyntax name) => IsKind(name, ExpressionKind.Date) || IsKind(name, ExpressionKind.PartialDate);

    private bool IsKind(NameSyntax name, ExpressionKind kind) =>
        schema.Columns.Any(column => column.Name == name.Name && column.Type.Kind == kind);

    /// <summary>A side that gives a day and names no column; null if it is none.</summary>
    private static BoundExpression? Day(ExpressionSyntax side)
    {
        try
        {
            return new ExpressionBinder(new([])).Bind(side) is { Type.Kind: ExpressionKind.Date } day ? day : null;
        }
        catch (ExpressionException)
        {
            return null; // It names a column.
        }
    }

    /// <summary>A part of the condition.</summary>
    /// <param name="Column">The column that it is about.</param>
    /// <param name="Days">The days that it compares with.</param>
    /// <param name="Sql">Its text, of the column's first and last day and of the places of the days.</param>
    private sealed record Term(string Column, IReadOnlyList<BoundExpression> Days, Func<string, string, string[], string> Sql);
}
