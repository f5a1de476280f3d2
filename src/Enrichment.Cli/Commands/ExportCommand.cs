using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;

namespace Enrichment.Cli.Commands;

/// <summary>Writes the results of a batch.</summary>
internal sealed class ExportCommand : CliCommand
{
    private readonly Argument<string> batch = new("BATCH") { Description = BatchId.Description };
    private readonly OutputOptions export = new();
    private readonly Option<string?> child = new("--child") { Description = "Write a child table of the projection instead: batch, item, and the columns of the table.", HelpName = "NAME" };

    public ExportCommand()
        : base(
            "export",
            "Writes a batch, ended or not, one row for each item, in the file's order. With a projection: its table, as CSV, JSON lines or Parquet. Without one, as CSV: every column of the file, then every field that the pipeline produces.",
            "enrich export last --output leads_so_far.csv",
            "enrich export last --projection final_leads.json --output final_leads.csv",
            "enrich export last --projection final_leads.json --child work_history --output jobs.csv",
            "enrich export last --with-status --output - | gzip > leads.csv.gz")
    {
        Arguments.Add(batch);
        export.AddTo(this);
        Options.Add(child);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (table, format, asOf, status) = (export.Table(parsed), export.Format(parsed), export.AsOf(parsed), new StatusLine(parsed));
        var options = new ExportOptions { Format = format, WithStatus = export.HasStatus(parsed), ChildTable = Child(parsed, table) };
        await using var session = await Session.OpenAsync(parsed, cancellationToken, table);
        var id = await BatchId.FindAsync(session.Client, parsed.GetRequiredValue(batch), cancellationToken);
        var kept = await new KeptFiles(Session.AddressOf(parsed)).AddUploadsAsync(session.Engine, cancellationToken);
        await using var output = await export.OpenAsync(parsed, kept, cancellationToken);
        var written = await Exports.WriteAsync(
            session.Client, id, table, export.Named(parsed), output, options, asOf, status, cancellationToken);
        return new(
            new { Batch = id, Output = output.Name, OutputRows = written.Rows, written.Table?.Issues, written.Table?.Report.Warnings },
            written.Line(output)) { Aside = output.IsStandardOutput };
    }

    private string? Child(ParseResult parsed, Projection? table)
    {
        if (parsed.GetValue(child) is not { } name)
        {
            return null;
        }

        if (table is null || export.HasStatus(parsed))
        {
            throw new EnrichmentException(table is null
                ? "--child names a table of a projection. Give the projection with --projection."
                : "--with-status is for rows of items: a child row has no status of its own. Leave one of --child and --with-status out.");
        }

        return table.Children[table.ChildNamed(name)].Name;
    }
}
