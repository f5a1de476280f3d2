using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>The client's uploads.</summary>
internal sealed class UploadsCommand : CliCommand
{
    public UploadsCommand()
        : base(
            "uploads",
            "Lists the client's uploads, the youngest first: their ids, which 'enrich launch' takes, with their rows and their kind.",
            "enrich uploads",
            "enrich uploads --json") => LimitOption.AddTo(this);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var list = new Listing(parsed, "uploads", "upload", ">accepted", ">rejected", "workstream", "staged", "file")
        {
            About = new { Client = session.Client.Slug },
            Nothing = $"Client '{session.Client.Slug}' has no upload yet.",
        };
        await foreach (var upload in session.Client.ListUploadsAsync(cancellationToken))
        {
            await list.AddAsync(
                new
                {
                    Upload = upload.Id,
                    upload.Accepted,
                    upload.Rejected,
                    upload.Workstream,
                    upload.FileName,
                    StagedAt = upload.SealedAt,
                    upload.PrunedAt,
                },
                $"{upload.Id}",
                $"{upload.Accepted:n0}",
                $"{upload.Rejected:n0}",
                upload.Workstream,
                $"{upload.SealedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z",
                upload.FileName + (upload.PrunedAt is null ? "" : " (pruned)"));
        }

        return await list.EndAsync();
    }
}
