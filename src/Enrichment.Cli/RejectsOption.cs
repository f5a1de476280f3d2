using System.CommandLine;
using Enrichment.Cli.Files;

namespace Enrichment.Cli;

/// <summary>Every rejected row of an upload as CSV, to be mended.</summary>
internal sealed class RejectsOption
{
    private readonly Option<string?> rejects = new("--rejects")
    {
        Description = $"A CSV of every rejected row with its columns, its number and the reason, to be mended and uploaded. {Output.Description}",
        HelpName = "FILE",
    };

    public void AddTo(Command command) => command.Options.Add(rejects);

    /// <summary>Opens it before the upload. Null without the option.</summary>
    /// <exception cref="EnrichmentException">It cannot be written, is a kept file, or takes the place of the JSON object.</exception>
    public async Task<Output?> OpenAsync(ParseResult parsed, KeptFiles kept, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(rejects) is not { } given)
        {
            return null;
        }

        OutputOptions.RefuseTwoOutputs(parsed, given, rejects.Name);
        return await Output.OpenAsync(given, kept, cancellationToken);
    }

    public static async Task WriteAsync(
        Session session,
        Upload upload,
        Output? output,
        StatusLine status,
        CancellationToken cancellationToken)
    {
        if (output is null)
        {
            return;
        }

        await session.Client.ExportRejectedRowsAsync(upload.Id, output.Stream, cancellationToken: cancellationToken);
        await output.CompleteAsync();
        status.Say($"{Plural.Of(upload.Rejected, "rejected row")} in {(output.IsStandardOutput ? "standard output" : output.Name)}");
    }
}
