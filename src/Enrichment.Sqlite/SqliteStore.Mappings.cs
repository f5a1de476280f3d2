using System.Text.Json;

namespace Enrichment.Sqlite;

/// <content>Clients' own mappings of headers.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public async Task<int> AddMappingAsync(string client, ColumnMapping mapping, CancellationToken cancellationToken) =>
        (int)(await WriteAsync(
            session => session.Number(
                "add_mapping",
                ("@clientId", Guid.CreateVersion7()),
                ("@client", client),
                ("@workstream", mapping.Workstream),
                ("@headers", mapping.Headers is null ? null : JsonSerializer.Serialize(mapping.Headers)),
                ("@columns", mapping.Columns is null ? null : JsonSerializer.Serialize(mapping.Columns)),
                ("@by", mapping.By)),
            cancellationToken).ConfigureAwait(false))!.Value;

    /// <inheritdoc />
    public async Task<IReadOnlyList<ColumnMapping>> ReadMappingsAsync(string client, CancellationToken cancellationToken) =>
        await ReadAsync(
            session => session.Query(
                "read_mappings",
                row => new ColumnMapping
                {
                    Number = row.GetInt32(0),
                    Workstream = row.TextOrNull(1),
                    Headers = row.TextOrNull(2) is { } headers ? JsonSerializer.Deserialize<string[]>(headers) : null,
                    Columns = row.TextOrNull(3) is { } columns ? JsonSerializer.Deserialize<Dictionary<string, string?>>(columns) : null,
                    By = row.TextOrNull(4),
                    At = row.Moment(5),
                },
                ("@client", client)),
            cancellationToken).ConfigureAwait(false);
}
