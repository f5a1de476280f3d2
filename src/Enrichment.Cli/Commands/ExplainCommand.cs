using System.CommandLine;
using System.Text;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Cli.Commands;

/// <summary>Where the cells of one item are from.</summary>
internal sealed class ExplainCommand : BatchCommand
{
    private readonly Argument<int> item = ItemArgument.Create("projection explain");
    private readonly Option<string?> projection = ProjectionOption.Create("The table whose cells are explained.", required: true);
    private readonly Option<string?> column = ColumnOption.Create("Only this column.");
    private readonly Option<string?> asOf = AsOfOption.Create();
    private Projection table = null!;
    private string? only;
    private DateOnly? day;

    public ExplainCommand()
        : base(
            "explain",
            "Shows where the cells of one item are from: for each column the value, and in order what each of its sources has, with step, version, attempt and time, and why it is or is not the cell.",
            "enrich projection explain 17 --projection final_leads",
            "enrich projection explain 17 last --projection final_leads --column employees --json")
    {
        Arguments.Add(item);
        Options.Add(projection);
        Options.Add(column);
        Options.Add(asOf);
        LastUnlessGiven();
    }

    protected override Projection? Prepare(ParseResult parsed)
    {
        table = ProjectionOption.Read(parsed, projection)!;
        only = ColumnOption.Read(parsed, column, table);
        day = AsOfOption.Read(parsed, asOf);
        return table;
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var row = await session.Client.ExplainAsync(table.Name, batch, parsed.GetValue(item), day, cancellationToken);
        var cells = row.Cells.Where(cell => only is null || cell.Column == only).ToList();
        var text = new StringBuilder();
        var key = string.Join(", ", row.KeyColumns);
        text.Append((key.Length > 0, row.HasRow) switch
        {
            (true, true) when row.Cells.Any(cell => cell.Items.Count > 0) => $"{table.Table} has one row for each {key}: each cell is chosen among the items that have it. Below them is what the sources of item {row.Item} have.\n\n",
            (true, true) when table.FoldsColumns => $"{table.Table} has one row for each {key}, and none of item {row.Item} yet. This is the item's own.\n\n",
            (true, true) => $"{table.Table} has one row for each {key}: that of the youngest item. This is item {row.Item}'s own.\n\n",
            (_, false) when table.Workstreams.Count > 0 => $"{table.Table} has no row of item {row.Item}: its workstream has no rows there, or a column of the key or a required column has no value.\n\n",
            (true, false) => $"{table.Table} has no row of item {row.Item}: a part of its key ({key}) has no value, or is too long, or a required column has no value.\n\n",
            (false, false) => $"{table.Table} has no row of item {row.Item}: a required column has no value.\n\n",
            _ => "",
        });

        text.Append(row.IsPruned
            ? $"The batch was pruned: these are the cells that {table.Table} has. What other sources had is not known.\n\n"
            : "");
        var children = row.Children.Where(_ => only is null).ToList();
        text.AppendJoin("\n\n", cells.Select(cell => Lines(cell, row.Item)).Concat(children.GroupBy(child => child.Child!).Select(Lines)));
        return new(
            new
            {
                row.Batch,
                row.Item,
                Projection = table.Name,
                row.KeyColumns,
                row.HasRow,
                row.IsPruned,
                Cells = cells.Select(Json),
                Children = children.Select(JsonOfChild),
            },
            text.ToString());
    }

    private static string Lines(ExplainedCell cell, int item)
    {
        var from = cell switch
        {
            { Expression: { } expression } => $", computed: {expression}",
            { IsDefault: true } => ", the default",
            { Choose: not (null or "first") and { } rule } => $", chosen by '{rule}'",
            _ => "",
        };
        var issue = cell.Issue is null ? "" : $" [{cell.Issue}{(cell.Detail is { Length: > 0 } detail ? $": {detail}" : "")}]";
        var width = cell.Candidates.Count == 0 ? 0 : cell.Candidates.Max(candidate => candidate.Source.Length);
        var indent = cell.Items.Count == 0 ? "" : "    ";
        var sources = cell.Candidates
            .Select(candidate =>
                $"{indent}  {candidate.Outcome,-20}{candidate.Source.PadRight(width)}  {What(candidate, cell.Type)}{Compared(candidate)}{Place(candidate)}".TrimEnd())
            .Concat(cell.InTable is { } other ? [$"{indent}  {(cell.Items.Count == 0 ? "the table's cell" : "its cell in the table")} is from {Source(other)}"] : []);
        string[] lines =
        [
            $"{cell.Column} ({cell.Type}) = {Value(cell.Value)}{from}{issue}",
            .. cell.Items.Select(Folded),
            .. cell.Items.Count == 0 ? [] : (string[])[$"  of item {item}:"],
            .. sources,
        ];
        return string.Join('\n', lines.Select(Visible.Line));
    }

    private static string Folded(ExplainedCandidate item)
    {
        var source = item.Source.Length == 0 ? "" : $"  {Source(item)}";
        return $"  {item.Outcome,-20}item {item.Item} of {item.Batch}  {(item.Value is null ? "" : Value(item.Value))}{Compared(item)}{source}".TrimEnd();
    }

    private static string Source(ExplainedCandidate candidate) => candidate switch
    {
        { Source: "", Outcome: var outcome } => outcome == "none" ? "no source" : outcome == "all" ? "all sources" : "the default",
        { Step: { } step } => $"{candidate.Source} ({step} {candidate.Version}, attempt {candidate.Attempt})",
        _ => candidate.Source,
    };

    private static string Lines(IGrouping<string, ExplainedRow> rows) => string.Join('\n', rows
        .Select(row => "  " + string.Join(", ", row.Cells.Select(cell => $"{cell.Column} = {Value(cell.Value)}")))
        .Prepend($"{rows.Key}: {Plural.Of(rows.Count(), "row")}")
        .Select(Visible.Line));

    private static string What(ExplainedCandidate candidate, string type) => candidate switch
    {
        { Raw: null } => "",
        { Value: { } value } when Value(value) != IssuesCommand.Beginning(candidate.Raw) =>
            $"{IssuesCommand.Beginning(candidate.Raw)} as {type}: {Value(value)}",
        _ => IssuesCommand.Beginning(candidate.Raw),
    };

    private static string Compared(ExplainedCandidate candidate) => candidate switch
    {
        { Observed: { } at } => $"  observed {at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z",
        { Confidence: { } confidence } => $"  confidence {CsvExport.Format(confidence)}",
        _ => "",
    };

    private static string Place(ExplainedCandidate candidate)
    {
        var gap = candidate.Raw is null ? "" : "  ";
        return candidate switch
        {
            { Step: { } step, Pointer: { } pointer, StoredAt: { } at } when candidate.Source.EndsWith($" or {pointer}", StringComparison.Ordinal)
                || candidate.Source.Contains($" {pointer} or ", StringComparison.Ordinal) =>
                $"{gap}({step} {candidate.Version} {pointer}, attempt {candidate.Attempt}, {at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z)",
            { Step: { } step, StoredAt: { } at } =>
                $"{gap}({step} {candidate.Version}, attempt {candidate.Attempt}, {at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z)",
            { Step: { } step, Attempt: { } attempt } => $"{gap}({step} {candidate.Version}, attempt {attempt})",
            { Step: { } step } => $"{gap}({step} {candidate.Version}, no result)",
            { Header: { } header } when candidate.Source != $"column {header}" => $"{gap}(column {header})",
            _ => "",
        };
    }

    private static string Value(object? value) => CsvExport.Format(value) is { } text ? IssuesCommand.Beginning(text) : "nothing";

    private static object JsonOfChild(ExplainedRow row) => new { row.Child, row.ChildKey, row.Twin, Cells = row.Cells.Select(Json) };

    private static object Json(ExplainedCell cell) => new
    {
        cell.Column,
        cell.Type,
        cell.Value,
        cell.Expression,
        cell.Choose,
        cell.IsDefault,
        cell.Issue,
        cell.Detail,
        Items = cell.Items.Select(Json),
        InTable = cell.InTable is { } other ? Json(other) : null,
        Candidates = cell.Candidates.Select(Json),
    };

    private static object Json(ExplainedCandidate candidate) => new
    {
        candidate.Source,
        candidate.Outcome,
        candidate.Batch,
        candidate.Item,
        candidate.Raw,
        candidate.Value,
        candidate.Header,
        candidate.Pointer,
        candidate.Step,
        candidate.Version,
        candidate.Stage,
        candidate.Attempt,
        candidate.StoredAt,
        candidate.Observed,
        candidate.Confidence,
    };
}
