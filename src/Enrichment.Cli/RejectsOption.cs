using System.CommandLine;
using System.Globalization;
using System.Text;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;

namespace Enrichment.Cli;

/// <summary>Every rejected row of an upload as CSV, with its reason and its text.</summary>
internal sealed class RejectsOption
{
    private static readonly string[] Header = ["row", "line", "code", "reason", "raw"];
    private readonly Option<string?> rejects = new("--rejects")
    {
        Description = $"A CSV of every rejected row: its number, its line, why, and its text. {Output.Description}",
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

        await using (var csv = await CsvFormat.Default.BeginAsync(output.Stream, cancellationToken))
        {
            await WriteLineAsync(Header);
            await foreach (var reject in session.Client.ReadRejectedRowsAsync(upload.Id, cancellationToken))
            {
                await WriteLineAsync([
                    reject.Row.ToString(CultureInfo.InvariantCulture),
                    reject.Line.ToString(CultureInfo.InvariantCulture),
                    reject.Code,
                    reject.Reason,
                    CsvFormat.Default.Text(Encoding.UTF8.GetString(reject.Raw.Span)),
                ]);
            }

            await csv.FlushAsync(cancellationToken);

            ValueTask WriteLineAsync(string?[] cells)
            {
                foreach (var cell in cells)
                {
                    csv.WriteField(cell);
                }

                return csv.EndRecordAsync(cancellationToken);
            }
        }

        await output.CompleteAsync();
        status.Say($"{Plural.Of(upload.Rejected, "rejected row")} in {(output.IsStandardOutput ? "standard output" : output.Name)}");
    }
}
