using System.CommandLine;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Definitions;

namespace Enrichment.Cli.Commands;

/// <summary>What a projection could not take over into its table.</summary>
internal sealed class IssuesCommand : BatchCommand
{
    // Enough to see what is wrong with a value, and not all that a cell may hold.
    private const int ShownCharacters = 40;
    private readonly Option<string?> projection = ProjectionOption.Create("The table whose issues are listed.", required: true);
    private readonly Option<string?> column = ColumnOption.Create("Only issues of this column.");
    private Projection table = null!;

    public IssuesCommand()
        : base(
            "issues",
            "Lists the values that a projection left out of its table: item, column, source of the value, reason, and the beginning of the value. The table is brought up to date first. "
            + $"Reasons: {string.Join(", ", IssueReason.All.Select(reason => $"{reason.Word} ({reason.Meaning})"))}.",
            "enrich issues last --projection final_leads",
            "enrich issues last --projection final_leads --column employees --json")
    {
        Options.Add(projection);
        Options.Add(column);
        LimitOption.AddTo(this);
        LastUnlessGiven();
    }

    protected override Projection? Prepare(ParseResult parsed) => table = ProjectionOption.Read(parsed, projection)!;

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var only = ColumnOption.Read(parsed, column, table);
        if ((await session.Client.GetBatchAsync(batch, cancellationToken)).PrunedAt is null)
        {
            await TableOutcome.BringUpToDateAsync(
                session.Client, batch, table, given: null, new StatusLine(parsed), cancellationToken);
        }

        var sources = table.Declared.Select(known => (known.Name, Column: known))
            .Concat(table.Children.SelectMany(child => child.Columns.Select(known => (Name: child.NameOf(known), Column: known))))
            .ToDictionary(
                known => known.Name,
                known => (Type: known.Column.Type.Word(), From: known.Column.Formula is { } formula ? $"is {Excerpt.Of(formula)}" : Words(known.Column.Sources)));
        foreach (var child in table.Children)
        {
            sources.Add(child.Name, ("children", Words(child.Each)));
        }

        var list = new Listing(parsed, "issues", ">item", "column", "type", "reason", "value", "source")
        {
            About = new { Batch = batch, Projection = table.Name },
            Nothing = $"There are no issues in {table.Table} for batch {batch}.",
        };
        var issues = session.Client.ReadIssuesAsync(table.Name, batch, cancellationToken);
        await foreach (var issue in issues.Where(issue => only is null || issue.Column == only))
        {
            var (type, from) = sources[issue.Column];
            var source = issue.Source ?? from;
            var value = Beginning(issue.Value);
            await list.AddAsync(
                new
                {
                    issue.Item,
                    issue.Column,
                    Type = type,
                    issue.Reason,
                    Value = value,
                    Source = source,
                },
                $"{issue.Item}",
                issue.Column,
                type,
                issue.Reason,
                value,
                source);
        }

        return await list.EndAsync();
    }

    private static string Words(IReadOnlyList<ColumnSource> sources) => string.Join(", ", sources.Select(source => source.Words));

    /// <summary>The beginning of a value, for a line.</summary>
    public static string Beginning(string value) => value.Length <= ShownCharacters ? value
        : value[..(char.IsHighSurrogate(value[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)] + "…";
}
