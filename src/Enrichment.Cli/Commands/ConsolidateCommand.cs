using System.CommandLine;
using Enrichment.Consolidation;

namespace Enrichment.Cli.Commands;

/// <summary>Makes a typed table from raw rows and results.</summary>
internal sealed class ConsolidateCommand : BatchCommand
{
    private readonly Option<string?> projection = ProjectionOption.Create("The table to make, a JSON file.", required: true);
    private readonly Option<bool> rebuild = new("--rebuild")
    {
        Description = "First make the whole table anew from all batches in it, also if the table is missing. Its content does not change.",
    };
    private readonly Option<bool> yes = new("--yes")
    {
        Description = "With --rebuild: also if the table is missing and had rows of pruned batches, which are lost then.",
    };
    private Projection table = null!;

    public ConsolidateCommand()
        : base(
            "consolidate",
            "Brings a projection's table up to date with a batch, ended or not. Run twice it changes nothing. A cell that does not fit its column's type is left empty and counted as an issue.",
            "enrich consolidate last --projection final_leads.json")
    {
        Options.Add(projection);
        Options.Add(rebuild);
        Options.Add(yes);
    }

    protected override Projection? Prepare(ParseResult parsed) => table = ProjectionOption.Read(parsed, projection)!;

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var status = new StatusLine(parsed);
        var isRebuilt = parsed.GetValue(rebuild);
        if (isRebuilt)
        {
            await status.DuringAsync($"rebuilding {table.Name}", null, () => session.Engine.RebuildAsync(table.Name, parsed.GetValue(yes), cancellationToken));
        }

        var (report, _) = await TableOutcome.BringUpToDateAsync(
            session.Client, batch, table, parsed.GetValue(projection), status, cancellationToken);
        return new(
            new
            {
                report.Projection,
                table.Table,
                Batch = batch,
                Rebuilt = isRebuilt || report.Rebuilt,
                report.Batches,
                report.Rows,
                report.Issues,
                report.Warnings,
            },
            $"{table.Table}: {Plural.Of(report.Rows, "row")} of {Plural.Of(report.Batches, "batch", "batches")}, {(report.Issues.Count == 0 ? "no issues" : TableOutcome.Words(report.Issues))}");
    }
}
