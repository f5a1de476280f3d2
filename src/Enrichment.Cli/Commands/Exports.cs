using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>What `run` and `export` share.</summary>
internal static class Exports
{
    public static Option<bool> RawOption() => new("--raw")
    {
        Description = "Texts as they are. Without it one that a spreadsheet would run as a formula gets an apostrophe before it.",
    };

    public static async Task<long> WriteAsync(EnrichmentClient client, Guid batch, string path, bool raw, CancellationToken cancellationToken)
    {
        var records = await client.RecordsAsync(batch, cancellationToken);
        await using var file = OutputFile.Create(path);
        var rows = await records.WriteCsvAsync(file.Stream, raw, cancellationToken);
        await file.CompleteAsync();
        return rows;
    }
}
