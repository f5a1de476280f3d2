using System.CommandLine;
using System.Globalization;

namespace Enrichment.Cli.Commands;

/// <summary>The rows of an upload, as they are in the file and as steps read them.</summary>
internal sealed class UploadsRowsCommand : CliCommand
{
    private readonly Argument<string> upload = UploadId.Argument();
    private readonly Option<int> after = new Option<int>("--after")
    {
        Description = "Begin with the row after this number.",
        HelpName = "ROW",
    }.AcceptOnlyFrom(0, int.MaxValue);

    public UploadsRowsCommand()
        : base(
            "rows",
            "Lists the rows of an upload in the order of the file: the values of their fields, as steps read them, or why a row was rejected. --json has the cells of the file too.",
            "enrich uploads rows last",
            "enrich uploads rows last --after 500 --limit 25 --json")
    {
        Arguments.Add(upload);
        Options.Add(after);
        LimitOption.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var found = await UploadId.FindAsync(session.Client, parsed.GetRequiredValue(upload), cancellationToken);
        var list = new Listing(parsed, "rows", ">row", "fields or reason")
        {
            About = new { Upload = found.Id, found.Columns },
            Nothing = $"Upload {found.Id} has no row after {parsed.GetValue(after)}.",
        };
        var last = parsed.GetValue(after);
        await foreach (var row in session.Client.ReadUploadRowsAsync(found.Id, last, cancellationToken).Take(list.Limit))
        {
            last = row.Row;
            await list.AddAsync(
                new { row.Row, row.Cells, row.Fields, Rejected = row.Rejection?.Code, row.Rejection?.Reason },
                row.Row.ToString(CultureInfo.InvariantCulture),
                row.Rejection is { } rejection
                    ? $"rejected: {rejection.Reason}"
                    : string.Join("; ", row.Fields.Select(field => $"{field.Key}: {field.Value}")));
        }

        // Rows are numbered without a gap: what follows the last one need not be read to be counted.
        list.LeaveOut(Math.Max(0, found.Accepted + found.Rejected - last));
        return await list.EndAsync();
    }
}
