using System.Text.Json;

namespace Enrichment.PostgreSql;

/// <content>Clients' own mappings of headers.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public Task<int> AddMappingAsync(string client, ColumnMapping mapping, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            clientId = Guid.CreateVersion7(),
            client,
            mapping.Workstream,
            headers = mapping.Headers is null ? null : JsonSerializer.Serialize(mapping.Headers),
            columns = mapping.Columns is null ? null : JsonSerializer.Serialize(mapping.Columns),
            mapping.By,
            now = Now,
        };
        return RepeatAsync(token => WriteScalarAsync<int>("add_mapping", parameters, token), cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ColumnMapping>> ReadMappingsAsync(string client, CancellationToken cancellationToken) =>
    [
        .. (await QueryAsync<StoredMapping>("read_mappings", new { client }, cancellationToken).ConfigureAwait(false))
            .Select(row => new ColumnMapping
            {
                Number = row.Mapping,
                Workstream = row.Workstream,
                Headers = row.Headers is null ? null : JsonSerializer.Deserialize<string[]>(row.Headers),
                Columns = row.Columns is null ? null : JsonSerializer.Deserialize<Dictionary<string, string?>>(row.Columns),
                By = row.Set_By,
                At = new(row.Set_At, TimeSpan.Zero),
            }),
    ];

    private sealed record StoredMapping(int Mapping, string? Workstream, string? Headers, string? Columns, string? Set_By, DateTime Set_At);
}
