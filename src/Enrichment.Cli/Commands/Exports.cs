using Enrichment.Cli.Files;
using Enrichment.Consolidation;

namespace Enrichment.Cli.Commands;

/// <summary>What `run` and `export` write: a projection's table, or without one every raw column and produced field.</summary>
/// <param name="Rows">How many rows were written.</param>
/// <param name="Table">What the projection left out; null without one.</param>
internal sealed record Exports(long Rows, TableOutcome? Table)
{
    public static async Task<Exports> WriteAsync(
        EnrichmentClient client,
        Guid batch,
        Projection? projection,
        string? given,
        Output output,
        CsvFormat format,
        DateOnly? asOf,
        StatusLine status,
        CancellationToken cancellationToken,
        string? child = null)
    {
        var table = projection is null ? null : await TableOutcome.BringUpToDateAsync(
            client, batch, projection, given, status, cancellationToken);
        await using var metered = new MeteredStream(output.Stream);
        var rows = await status.DuringAsync("exporting", () => $"{Sizes.Words(metered.Written)} written", () => projection is null
            ? WriteRecordsAsync(client, batch, metered, format, cancellationToken)
            : child is { } name ? client.ExportChildrenAsync(projection.Name, name, metered, batch, format, cancellationToken)
            : client.ExportAsync(projection.Name, metered, batch, format, asOf, cancellationToken));
        await output.CompleteAsync();
        return new(rows, table);
    }

    /// <summary>For people.</summary>
    public string Line(Output output) => $"{Plural.Of(Rows, "row")} in {(output.IsStandardOutput ? "standard output" : output.Name)}";

    private static async Task<long> WriteRecordsAsync(
        EnrichmentClient client,
        Guid batch,
        Stream output,
        CsvFormat format,
        CancellationToken cancellationToken) =>
        await (await client.ReadRecordsAsync(batch, cancellationToken)).WriteCsvAsync(output, format, cancellationToken);
}
