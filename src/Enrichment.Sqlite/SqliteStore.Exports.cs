using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.Sqlite.Consolidation;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>The record of exports.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public Task<DateTimeOffset> BeginExportAsync(Export export, CancellationToken cancellationToken) => WriteAsync(
        session => session.Query(
            "begin_export",
            row => row.Moment(0),
            ("@id", export.Id),
            ("@client", export.Client),
            ("@projection", export.Projection),
            ("@table", export.Table),
            ("@version", export.Version),
            ("@batch", export.Batch?.ToString()),
            ("@filter", export.Filter),
            ("@sort", JsonSerializer.Serialize(export.Sort)),
            ("@columns", JsonSerializer.Serialize(export.Columns)),
            ("@asOf", export.AsOf.ToString(SqliteDialect.Day, CultureInfo.InvariantCulture)),
            ("@format", export.Format),
            ("@actor", export.By),
            ("@rows", export.Rows),
            ("@bytes", export.Bytes),
            ("@sha256", export.Sha256.ToArray())).Single(),
        cancellationToken);

    /// <inheritdoc />
    public Task<DateTimeOffset> EndExportAsync(Guid id, CancellationToken cancellationToken) => WriteAsync(
        session => session.Query("end_export", row => row.Moment(0), ("@id", id)).Single(),
        cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<Export> ReadExportsAsync(string client, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var below = long.MaxValue;
        List<(long Key, Export Export)> page;
        do
        {
            page = await ReadAsync(
                    session => session.Query("read_exports", ReadExport, ("@client", client), ("@below", below), ("@limit", BatchPage)),
                    cancellationToken)
                .ConfigureAwait(false);
            foreach (var (key, export) in page)
            {
                yield return export;
                below = key;
            }
        }
        while (page.Count == BatchPage);
    }

    private static (long Key, Export Export) ReadExport(SqliteDataReader row) => (row.GetInt64(0), new()
    {
        Id = row.GetGuid(1),
        Client = row.GetString(2),
        Projection = row.GetString(3),
        Table = row.GetString(4),
        Version = row.GetInt32(5),
        Batch = row.IsDBNull(6) ? null : row.GetGuid(6),
        Filter = row.TextOrNull(7),
        Sort = JsonSerializer.Deserialize<string[]>(row.GetString(8))!,
        Columns = JsonSerializer.Deserialize<string[]>(row.GetString(9))!,
        AsOf = DateOnly.ParseExact(row.GetString(10), SqliteDialect.Day, CultureInfo.InvariantCulture),
        Format = row.GetString(11),
        By = row.GetString(12),
        Rows = row.GetInt64(13),
        Bytes = row.GetInt64(14),
        Sha256 = row.Bytes(15),
        BegunAt = row.Moment(16),
        EndedAt = row.MomentOrNull(17),
    });
}
