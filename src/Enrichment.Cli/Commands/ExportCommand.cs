using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Writes what a batch has brought.</summary>
internal sealed class ExportCommand : BatchCommand
{
    private readonly Option<string> output = new("--output", "-o") { Description = "The CSV to write. It appears under this name only when it is complete.", HelpName = "FILE", Required = true };
    private readonly Option<bool> raw = Exports.RawOption();

    public ExportCommand()
        : base(
            "export",
            "Writes a batch as CSV, ended or not: every column of the file, then every field that the pipeline produces, one line an item, in the file's order.",
            "enrich export last --output leads_so_far.csv")
    {
        Options.Add(output);
        Options.Add(raw);
    }

    protected override void Prepare(ParseResult parsed) => OutputFile.Check(parsed.GetRequiredValue(output));

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var target = OutputFile.Check(parsed.GetRequiredValue(output));
        var rows = await Exports.WriteAsync(session.Client, batch, target, parsed.GetValue(raw), cancellationToken);
        return new(new { Batch = batch, Output = target, OutputRows = rows }, $"{rows:n0} rows in {target}");
    }
}
