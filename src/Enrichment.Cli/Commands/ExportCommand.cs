using System.CommandLine;
using Enrichment.Consolidation;

namespace Enrichment.Cli.Commands;

/// <summary>Writes what a batch has brought.</summary>
internal sealed class ExportCommand : BatchCommand
{
    private readonly Option<string> output = new("--output", "-o") { Description = "The CSV to write. It appears under this name only when it is complete.", HelpName = "FILE", Required = true };
    private readonly Option<string?> projection = ProjectionOption.Create("The table to bring up to date and to write, a JSON file. Without it: all columns and produced fields.");
    private readonly Option<bool> raw = Exports.RawOption();
    private Projection? table;

    public ExportCommand()
        : base(
            "export",
            "Writes a batch as CSV, ended or not: the table of a projection, or without one every column of the file, then every field that the pipeline produces, one line an item, in the file's order.",
            "enrich export last --output leads_so_far.csv",
            "enrich export last --projection final_leads.json --output final_leads.csv")
    {
        Options.Add(output);
        Options.Add(projection);
        Options.Add(raw);
    }

    protected override Projection? Prepare(ParseResult parsed)
    {
        OutputFile.Check(parsed.GetRequiredValue(output));
        return table = ProjectionOption.Read(parsed, projection);
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var target = OutputFile.Check(parsed.GetRequiredValue(output));
        var rows = await Exports.WriteAsync(session.Client, batch, table, target, parsed.GetValue(raw), cancellationToken);
        return new(new { Batch = batch, Output = target, OutputRows = rows }, $"{rows:n0} rows in {target}");
    }
}
