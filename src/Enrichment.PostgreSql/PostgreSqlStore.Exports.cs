using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Enrichment.Consolidation;

namespace Enrichment.PostgreSql;

/// <content>The record of exports.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public Task<DateTimeOffset> BeginExportAsync(Export export, CancellationToken cancellationToken) => MomentAsync(
        "begin_export",
        new
        {
            export.Id,
            export.Client,
            export.Projection,
            export.Table,
            export.Version,
            export.Batch,
            export.Filter,
            sort = JsonSerializer.Serialize(export.Sort),
            columns = JsonSerializer.Serialize(export.Columns),
            asOf = export.AsOf.ToString("O", CultureInfo.InvariantCulture),
            export.Format,
            actor = export.By,
            export.Rows,
            export.Bytes,
            sha256 = export.Sha256.ToArray(),
            now = Now,
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<DateTimeOffset> EndExportAsync(Guid id, CancellationToken cancellationToken) =>
        MomentAsync("end_export", new { id, now = Now }, cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<Export> ReadExportsAsync(string client, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var below = long.MaxValue;
        List<ExportRow> page;
        do
        {
            page = await QueryAsync<ExportRow>("read_exports", new { client, below, limit = BatchPage }, cancellationToken)
                .ConfigureAwait(false);
            foreach (var row in page)
            {
                yield return row.ToExport();
                below = row.Key;
            }
        }
        while (page.Count == BatchPage);
    }

    private async Task<DateTimeOffset> MomentAsync(string operation, object parameters, CancellationToken cancellationToken) =>
        new(await WriteScalarAsync<DateTime>(operation, parameters, cancellationToken).ConfigureAwait(false), TimeSpan.Zero);

    private sealed record ExportRow(
        long Key,
        Guid Id,
        string Client,
        string Projection,
        string Table,
        int Version,
        Guid? Batch,
        string? Filter,
        string Sort,
        string Columns,
        string AsOf,
        string Format,
        string Actor,
        long Rows,
        long Bytes,
        byte[] Sha256,
        DateTime BegunAt,
        DateTime? EndedAt)
    {
        public Export ToExport() => new()
        {
            Id = Id,
            Client = Client,
            Projection = Projection,
            Table = Table,
            Version = Version,
            Batch = Batch,
            Filter = Filter,
            Sort = JsonSerializer.Deserialize<string[]>(Sort)!,
            Columns = JsonSerializer.Deserialize<string[]>(Columns)!,
            AsOf = DateOnly.ParseExact(AsOf, "O", CultureInfo.InvariantCulture),
            Format = Format,
            By = Actor,
            Rows = Rows,
            Bytes = Bytes,
            Sha256 = Sha256,
            BegunAt = new(BegunAt, TimeSpan.Zero),
            EndedAt = EndedAt is { } ended ? new(ended, TimeSpan.Zero) : null,
        };
    }
}
