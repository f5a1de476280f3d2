using System.CommandLine;
using Enrichment.Consolidation;

namespace Enrichment.Cli.Commands;

/// <summary>The record of the client's exports.</summary>
internal sealed class ExportsCommand : CliCommand
{
    public ExportsCommand()
        : base(
            "exports",
            "Lists the exports of the client's typed tables, the youngest first: who took which rows, when, and the SHA-256 of the file.",
            "enrich exports",
            "enrich exports --json") => LimitOption.AddTo(this);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var list = new Listing(parsed, "exports", "begun", "by", "table", ">rows", "format", "filter", "sha-256")
        {
            About = new { Client = session.Client.Slug },
            Nothing = $"Nothing of client '{session.Client.Slug}' was exported yet.",
        };
        await foreach (var export in session.Client.ListExportsAsync(cancellationToken))
        {
            await list.AddAsync(
                export,
                $"{export.BegunAt.UtcDateTime:yyyy-MM-dd HH:mm}Z{(export.EndedAt is null ? " (not ended)" : "")}",
                export.By,
                $"{export.Table} version {export.Version}",
                $"{export.Rows:n0}",
                export.Format,
                export.Filter is null ? "" : IssuesCommand.Beginning(export.Filter),
                Beginning(export));
        }

        return await list.EndAsync();
    }

    // As much as tells two files apart; JSON has all of it.
    private static string Beginning(Export export) => Convert.ToHexStringLower(export.Sha256.Span[..8]);
}
