using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Json;

namespace Enrichment.Consolidation.Definitions;

/// <summary>
/// The rules for a projection. They are checked before any SQL is made of it, and this is the only check of its identifiers.
/// </summary>
internal static partial class ProjectionRules
{
    /// <summary>A row of PostgreSQL must fit a page of 8 kB with every long value moved out of it: 250 columns always do.</summary>
    public const int MaxColumns = 250;

    /// <summary>Four for each of the most columns: each is looked for in every row.</summary>
    public const int MaxSources = 1000;

    /// <summary>PostgreSQL cuts longer names.</summary>
    public const int MaxName = 63;

    public const string Form = "lower-case letters, digits and underscores, a letter first, at most 63 characters";

    private static readonly FrozenSet<string> EngineColumns = FrozenSet.Create(StringComparer.Ordinal, "bucket", "client", "batch", "item", "row_hash", "row_origin", "row_search", "row_id");

    // What PostgreSQL and SQLite call columns that every table has.
    private static readonly FrozenSet<string> SystemColumns = FrozenSet.Create(
        StringComparer.Ordinal, "cmax", "cmin", "ctid", "oid", "rowid", "tableoid", "xmax", "xmin");

    private static readonly string[] ReservedPrefixes = ["enrichment_", "pg_", "sqlite_"];

    /// <exception cref="EnrichmentException">The projection breaks a rule; the message has every problem.</exception>
    /// <param name="projection">The projection.</param>
    /// <param name="expressions">What is wrong with its expressions.</param>
    public static void Check(Projection projection, IReadOnlyList<string> expressions)
    {
        var problems = Problems(projection).Concat(expressions).ToList();
        if (problems.Count > 0)
        {
            throw new EnrichmentException($"Projection '{Excerpt.Of(projection.Name)}' cannot be used. {string.Join(" ", problems)}");
        }
    }

    private static IEnumerable<string> Problems(Projection projection)
    {
        if (!Identifier().IsMatch(projection.Name))
        {
            yield return $"'{Excerpt.Of(projection.Name)}' cannot be its name: use {Form}.";
        }

        if (TableProblem(projection.Table) is { } table)
        {
            yield return table;
        }

        if (projection.Declared.Count is 0 or > MaxColumns)
        {
            yield return $"It has {projection.Declared.Count} columns: declare from 1 to {MaxColumns}.";
        }
        else if (projection.Columns.Count == 0)
        {
            yield return "All of its columns are hidden: show one.";
        }

        var others = projection.Children.SelectMany(child => child.Columns).Concat(projection.Lists.SelectMany(list => list.Columns));
        if (projection.Declared.Concat(others).SelectMany(column => column.Sources)
            .Sum(source => source is ResultSource result ? result.Pointers.Count : 1) > MaxSources)
        {
            yield return $"Its columns have more than {MaxSources} sources in all, counted by pointer: remove some.";
        }

        foreach (var twice in projection.Buckets.GroupBy(scale => scale.Name, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"The buckets '{Excerpt.Of(twice.Key)}' are declared {twice.Count()} times: keep one.";
        }

        foreach (
            var problem in projection.Buckets.SelectMany(scale => scale.Problems())
                .Concat(projection.Declared.SelectMany(ColumnProblems))
                .Concat(projection.Declared.SelectMany(OfElement))
                .Concat(Repeated(projection.Declared))
                .Concat(KeyProblems(projection))
                .Concat(ChildRules.Problems(projection))
                .Concat(ListRules.Problems(projection)))
        {
            yield return problem;
        }
    }

    /// <summary>What is wrong with the workstreams whose batches have rows; null if nothing is.</summary>
    public static string? WorkstreamProblem(IReadOnlyList<string> workstreams) =>
        workstreams.Any(string.IsNullOrWhiteSpace) ? "It takes batches of a workstream without a name: name it."
        : workstreams.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? $"It names the workstream '{Excerpt.Of(twice.Key)}' {twice.Count()} times: keep one."
            : null;

    public static string? TableProblem(string table)
    {
        if (!Identifier().IsMatch(table))
        {
            return $"'{Excerpt.Of(table)}' cannot be its table: use {Form}.";
        }

        if (EngineNames.All.Contains(table))
        {
            return $"'{table}' cannot be its table: the engine has a table of that name. Choose another.";
        }

        if (TableOfVersion().IsMatch(table))
        {
            return $"'{table}' cannot be its table: the engine gives such names to the tables of versions. Choose another.";
        }

        return Array.Find(ReservedPrefixes, prefix => table.StartsWith(prefix, StringComparison.Ordinal)) is { } reserved
            ? $"'{table}' cannot be its table: names that begin with '{reserved}' are reserved. Choose another."
            : null;
    }

    public static IEnumerable<string> ColumnProblems(ProjectionColumn column)
    {
        var name = Excerpt.Of(column.Name);
        if (!Identifier().IsMatch(column.Name))
        {
            yield return $"'{name}' cannot be a column: use {Form}.";
        }
        else if (EngineColumns.Contains(column.Name) || SystemColumns.Contains(column.Name))
        {
            yield return $"'{name}' cannot be a column: every table has one of that name already. Choose another.";
        }

        if (column is { IsHidden: true, IsCell: false })
        {
            yield return $"Column '{name}' is hidden, but depends on as_of: no other column can name it. Show it, or remove it.";
        }

        if (column.IsIndexed && (column.IsHidden || !column.IsCell || column.Type is ColumnType.TextList or ColumnType.Json))
        {
            yield return $"Column '{name}' has an index, but {NoIndex(column)}. Remove 'index'.";
        }

        if (column.IsSearched && (column.IsHidden || column.Type != ColumnType.Text))
        {
            yield return column.IsHidden
                ? $"Column '{name}' is searched, but is hidden: the table does not have it. Remove 'search'."
                : $"Column '{name}' is searched, but is of type {column.Type.Word()}: only a text has words. Remove 'search'.";
        }

        if (column.Sources.Count == 0 && column.Formula is null)
        {
            yield return $"Column '{name}' has no source: add a field, a result or a raw column.";
        }

        if (column.Function is { } function && (!Identifier().IsMatch(function.Name) || function.Version < 1))
        {
            yield return $"Column '{name}' is computed by '{Excerpt.Of(function.Name)}', version {function.Version}: as its name use {Form}, and as its version a number from 1.";
        }

        if (column.Type == ColumnType.PartialDate && !Identifier().IsMatch(StoredColumn.LastDay(column.Name)))
        {
            yield return $"'{name}' cannot be a partial date: with '{StoredColumn.LastDay("")}' at its end, its name has more than 63 characters.";
        }

        foreach (var problem in ChoiceProblems(column))
        {
            yield return $"Column '{name}' {problem}";
        }

        foreach (var problem in column.Sources.SelectMany(source => SourceProblems($"Column '{name}'", source)))
        {
            yield return problem;
        }
    }

    private static string NoIndex(ProjectionColumn column) => column switch
    {
        { IsHidden: true } => "is hidden: the table does not have it",
        { IsCell: false } => "depends on as_of: an index of the column that it compares serves it",
        _ => $"is of type {column.Type.Word()}, whose values have no order",
    };

    /// <param name="subject">What has the source.</param>
    /// <param name="source">The source.</param>
    public static IEnumerable<string> SourceProblems(string subject, ColumnSource source)
    {
        var (what, text) = source switch
        {
            FieldSource { Field: var field } => ("field", field),
            ResultSource { Step: var step } => ("step", step),
            MetaSource { Step: var step } => ("step", step),
            HeaderSource { Header: var header } => ("header", header),
            ElementSource => ("element", "element"),
            _ => throw new InvalidOperationException($"{source} is no known source."),
        };
        if ((what != "header" && string.IsNullOrWhiteSpace(text)) || JsonGate.Refuse(text) is not null)
        {
            yield return $"{subject} names a {what} that cannot exist: '{Excerpt.Of(text)}'.";
        }

        if (source is not ResultSource result)
        {
            yield break;
        }

        if (result.Pointers.Count == 0)
        {
            yield return $"{subject} reads no place in the result of {Excerpt.Of(result.Step)}: add a pointer.";
        }

        foreach (var twice in result.Pointers.GroupBy(pointer => pointer).Where(same => same.Count() > 1))
        {
            yield return $"{subject} names the place '{Excerpt.Of(twice.Key.Text)}' twice in one source: keep one.";
        }
    }

    // Without a child table there is no element.
    public static IEnumerable<string> OfElement(ProjectionColumn column) => column.Sources.OfType<ElementSource>().Take(1).Select(source =>
        $"Column '{Excerpt.Of(column.Name)}' reads '{Excerpt.Of(source.Pointer.Text)}' of an element: name a result, a field or a raw column.");

    private static IEnumerable<string> ChoiceProblems(ProjectionColumn column)
    {
        var isList = column.Type == ColumnType.TextList;
        if (column.Choose == ChoiceRule.All && !isList)
        {
            yield return $"chooses all values, but is of type {column.Type.Word()}: only a text_list holds several.";
        }

        if (column.Choose is ChoiceRule.Min or ChoiceRule.Max && (isList || column.Type == ColumnType.Json))
        {
            yield return $"chooses by {column.Choose.Word()}, but is of type {column.Type.Word()}, whose values have no order.";
        }

        var trusts = column.Sources.Any(source => (source.Confidence, source.ConfidenceAt) is not (null, null));
        if (trusts != (column.Choose == ChoiceRule.Confident))
        {
            yield return trusts
                ? "has a confidence that it does not choose by: choose by 'confident', or remove it."
                : "chooses by confidence, but none of its sources has one: add it.";
        }

        if (column.Choose != ChoiceRule.Latest && column.Sources.Any(source => source.Observed is not null))
        {
            yield return "says where a value was observed, but does not choose by it: choose by 'latest', or remove it.";
        }

        if (column.Normalise is not null && column.Type != ColumnType.Text)
        {
            yield return $"normalises text, but is of type {column.Type.Word()}: only a text has a spelling.";
        }

        var formats = column.Sources.Select(source => source.Format).OfType<ValueFormat>();
        foreach (var format in formats.Where(format => !format.IsFor(column.Type)))
        {
            yield return $"has a source with the format '{format.Name}', but is of type {column.Type.Word()}, whose values are not written so.";
        }

        foreach (var meta in column.Sources.OfType<MetaSource>())
        {
            var fits = meta.Meta == ResultMeta.Found
                ? column.Type == ColumnType.Boolean
                : column.Type is ColumnType.Timestamp or ColumnType.Date or ColumnType.PartialDate;
            if (!fits)
            {
                yield return $"has the source '{Excerpt.Of(meta.Words)}', but is of type {column.Type.Word()}: 'found' is a boolean, 'stored_at' a timestamp or a date.";
            }
        }

        if (column.Default is { } json && ColumnDefault.Of(column.Type, json) is null)
        {
            yield return $"has a default that is no {column.Type.Word()}: {Excerpt.Of(json)}.";
        }
    }

    public static IEnumerable<string> Repeated(IReadOnlyList<ProjectionColumn> columns) =>
        columns.GroupBy(column => column.Name, StringComparer.Ordinal).Where(group => group.Count() > 1)
            .Select(group => $"Column '{Excerpt.Of(group.Key)}' is declared {group.Count()} times: keep one.")
            .Concat(
                columns.Where(column => column.Type == ColumnType.PartialDate)
                    .Select(column => StoredColumn.LastDay(column.Name))
                    .Intersect(columns.Select(column => column.Name))
                    .Select(name => $"Column '{Excerpt.Of(name)}' is the last day of a partial date already. Choose another name."));

    private static IEnumerable<string> KeyProblems(Projection projection)
    {
        foreach (var part in projection.Key)
        {
            var column = projection.Declared.FirstOrDefault(column => column.Name == part);
            if (column is null)
            {
                yield return $"Its key names '{Excerpt.Of(part)}', which is not one of its columns: declare the column or correct the name.";
            }
            else if (column.IsHidden)
            {
                yield return $"Its key names '{part}', which is hidden: the table does not have it. Show it.";
            }
            else if (column is { Expression: not null, Computed: null })
            {
                continue; // What it holds is not known: its expression is a problem already.
            }
            else if (column.Type is not (ColumnType.Text or ColumnType.Integer or ColumnType.Date))
            {
                yield return $"Its key names '{part}', of type {column.Type.Word()}: a key may have columns of type text, integer and date.";
            }
        }

        if (projection.Key.Distinct(StringComparer.Ordinal).Count() < projection.Key.Count)
        {
            yield return "Its key names a column twice: keep one.";
        }
    }

    /// <summary>Whether a name may be one of a table or a column.</summary>
    public static bool IsIdentifier(string name) => Identifier().IsMatch(name);

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^projection_[0-9]+_v[0-9]")]
    private static partial Regex TableOfVersion();
}
