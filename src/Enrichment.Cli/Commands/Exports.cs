using System.CommandLine;
using Enrichment.Consolidation;

namespace Enrichment.Cli.Commands;

/// <summary>What `run` and `export` write: a projection's table, or without one every raw column and produced field.</summary>
internal static class Exports
{
    public static Option<bool> RawOption() => new("--raw")
    {
        Description = "Texts as they are. Without it one that a spreadsheet would run as a formula gets an apostrophe before it.",
    };

    public static async Task<long> WriteAsync(EnrichmentClient client, Guid batch, Projection? projection, string path, bool raw, CancellationToken cancellationToken)
    {
        if (projection is not null)
        {
            await client.ConsolidateAsync(projection.Name, batch, cancellationToken);
        }

        await using var file = OutputFile.Create(path);
        var rows = projection is null
            ? await (await client.RecordsAsync(batch, cancellationToken)).WriteCsvAsync(file.Stream, raw, cancellationToken)
            : await client.ExportAsync(projection.Name, file.Stream, batch, raw, cancellationToken);
        await file.CompleteAsync();
        return rows;
    }
}
