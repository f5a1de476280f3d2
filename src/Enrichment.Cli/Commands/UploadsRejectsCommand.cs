using System.CommandLine;
using Enrichment.Cli.Files;

namespace Enrichment.Cli.Commands;

/// <summary>The rejected rows of an upload as a file that can be mended.</summary>
internal sealed class UploadsRejectsCommand : CliCommand
{
    private readonly Argument<string> upload = UploadId.Argument();
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = $"The CSV to write. {Output.Description}",
        HelpName = "FILE",
        Required = true,
    };
    private readonly Option<bool> raw = new("--raw")
    {
        Description = "Write texts as they are. Without it, a text that a spreadsheet would run as a formula gets an apostrophe before it.",
    };

    public UploadsRejectsCommand()
        : base(
            "rejects",
            "Writes the rejected rows of an upload with their columns, their numbers and the reasons. Mend rows, empty their cell under enrichment.code, and upload the file: the other rows are rejected again.",
            "enrich uploads rejects last --output mend.csv")
    {
        Arguments.Add(upload);
        Options.Add(output);
        Options.Add(raw);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var given = parsed.GetRequiredValue(output);
        OutputOptions.RefuseTwoOutputs(parsed, given, output.Name);
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var found = await UploadId.FindAsync(session.Client, parsed.GetRequiredValue(upload), cancellationToken);
        var kept = await new KeptFiles(Session.AddressOf(parsed)).AddUploadsAsync(session.Engine, cancellationToken);
        await using var file = await Output.OpenAsync(given, kept, cancellationToken);
        var rows = await session.Client.ExportRejectedRowsAsync(
            found.Id, file.Stream, new() { Raw = parsed.GetValue(raw) }, cancellationToken);
        await file.CompleteAsync();
        return new(new { Upload = found.Id, Rows = rows, Output = file.Name }, $"{Plural.Of(rows, "rejected row")} in {file.Name}")
        {
            Aside = file.IsStandardOutput,
        };
    }
}
