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
        ExportOptions options,
        DateOnly? asOf,
        StatusLine status,
        CancellationToken cancellationToken)
    {
        var table = projection is null ? null : await TableOutcome.BringUpToDateAsync(
            client, batch, projection, given, status, cancellationToken);
        await using var metered = new MeteredStream(output.Stream);
        var rows = await status.DuringAsync("exporting", () => $"{Sizes.Words(metered.Written)} written", async () => projection is null
            ? await WriteRecordsAsync(client, batch, metered, options, cancellationToken)
            : (await Query(client, projection, batch, asOf).ExportAsync(metered, options, cancellationToken)).Rows);
        await output.CompleteAsync();
        return new(rows, table);
    }

    /// <summary>For people.</summary>
    public string Line(Output output) => $"{Plural.Of(Rows, "row")} in {(output.IsStandardOutput ? "standard output" : output.Name)}";

    private static ProjectionQuery Query(EnrichmentClient client, Projection projection, Guid batch, DateOnly? asOf)
    {
        var query = client.Query(projection.Name).InBatch(batch);
        return asOf is { } day ? query.AsOf(day) : query;
    }

    private static async Task<long> WriteRecordsAsync(
        EnrichmentClient client,
        Guid batch,
        Stream output,
        ExportOptions options,
        CancellationToken cancellationToken) =>
        await (await client.ReadRecordsAsync(batch, cancellationToken))
            .WriteCsvAsync(output, (CsvFormat)options.Format, options.WithStatus, cancellationToken);
}
