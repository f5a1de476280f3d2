using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Deletes an upload that nothing refers to.</summary>
internal sealed class UploadsDeleteCommand : CliCommand
{
    private readonly Argument<string> upload = UploadId.Argument();

    public UploadsDeleteCommand()
        : base(
            "delete",
            "Deletes an upload and its rows. This cannot be undone. An upload from which a batch was launched is refused: 'enrich prune' deletes the batch, and the rows with it.",
            "enrich uploads delete 019a8f5e-7c1b-7000-8000-000000000001") => Arguments.Add(upload);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var found = await UploadId.FindAsync(session.Client, parsed.GetRequiredValue(upload), cancellationToken);
        var deleted = await session.Client.DeleteUploadAsync(found.Id, cancellationToken);
        var rows = deleted.Accepted + deleted.Rejected;
        return new(
            new { Upload = deleted.Id, Rows = rows },
            $"Upload {deleted.Id} is deleted with its {Plural.Of(rows, "row")}.");
    }
}
