using System.Data.Common;
using System.Runtime.CompilerServices;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Reading;

/// <summary>Reads a consolidated table on an open connection: one statement, so one snapshot, however long the reader takes.</summary>
internal sealed class ProjectionReading(DbConnection connection, ProjectionDialect dialect)
{
    /// <exception cref="EnrichmentException">The table was never made, or of another definition, or is missing.</exception>
    public async IAsyncEnumerable<ProjectedRow> RowsAsync(
        Projection projection,
        string client,
        Guid? batch,
        DateOnly asOf,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var version = await FindAsync(projection, cancellationToken).ConfigureAwait(false) ?? throw NoTable(projection);
        await PublishedTables.RequireAsync(Session(projection), version, [version.Table], cancellationToken).ConfigureAwait(false);
        var days = new Dictionary<string, object>();
        await using var command = Command(dialect.Select(version, asOf, days), projection.Name, client, batch, days);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var values = new object?[projection.Columns.Count];
            var ordinal = 2;
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = dialect.Read(reader, ref ordinal, projection.Columns[column]);
            }

            yield return new(reader.GetGuid(0), reader.GetInt32(1), values);
        }
    }

    /// <exception cref="EnrichmentException">The table was never made, or of another definition, or is missing.</exception>
    public async IAsyncEnumerable<ProjectedRow> ChildrenAsync(
        Projection projection,
        int child,
        string client,
        Guid? batch,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var version = await FindAsync(projection, cancellationToken).ConfigureAwait(false) ?? throw NoTable(projection);
        await PublishedTables.RequireAsync(Session(projection), version, [version.ChildTable(child)], cancellationToken)
            .ConfigureAwait(false);
        var columns = projection.Children[child].Visible;
        await using var command = Command(dialect.SelectChildren(version, child), projection.Name, client, batch);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var values = new object?[columns.Count];
            var ordinal = 4;
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = dialect.Read(reader, ref ordinal, columns[column]);
            }

            yield return new(reader.GetGuid(0), reader.GetInt32(1), values)
            {
                ChildKey = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(2)),
                Twin = reader.GetInt32(3),
            };
        }
    }

    public async IAsyncEnumerable<ProjectionIssue> IssuesAsync(
        Projection projection,
        string client,
        Guid? batch,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await FindAsync(projection, cancellationToken).ConfigureAwait(false) is not { } version)
        {
            yield break;
        }

        var sources = projection.IssueSources;
        await using var command = Command(
            dialect.Sql["read_issues"], projection.Name, client, batch, new() { ["version"] = version.Version });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var (column, source) = (reader.GetString(2), reader.GetInt32(3));
            var words = source > 0 && sources.TryGetValue(column, out var known) && source <= known.Count ? known[source - 1].Words : null;
            yield return new(reader.GetGuid(0), reader.GetInt32(1), column, words, reader.GetString(4), reader.GetString(5))
            {
                ChildKey = reader.IsDBNull(6) ? null : Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(6)),
            };
        }
    }

    /// <summary>The live version; null if the projection has no table yet.</summary>
    public async Task<TableVersion?> LiveAsync(Projection projection, CancellationToken cancellationToken) =>
        (await ProjectionRegistry.ReadAsync(Session(projection), projection, cancellationToken).ConfigureAwait(false))?.Live;

    // A reader may have the definition that was live a moment ago: its table is still there.
    private async Task<TableVersion?> FindAsync(Projection projection, CancellationToken cancellationToken)
    {
        var registry = await ProjectionRegistry.ReadAsync(Session(projection), projection, cancellationToken).ConfigureAwait(false);
        return registry is null ? null : registry.Versions
            .Where(version => version.Status is VersionStatus.Live or VersionStatus.Kept && version.Known == projection)
            .OrderBy(version => version.Status)
            .ThenByDescending(version => version.Version)
            .FirstOrDefault() ?? throw new EnrichmentException(
            $"The table of projection '{projection.Name}' was made by another definition. Apply this definition, or read the table by the one that made it.");
    }

    private static EnrichmentException NoTable(Projection projection) =>
        new($"Projection '{projection.Name}' has no table yet: consolidate a batch into it first.");

    private ProjectionSession Session(Projection projection) => new(connection, null, dialect, projection.Name, null);

    private DbCommand Command(
        string sql,
        string projection,
        string client,
        Guid? batch,
        Dictionary<string, object>? more = null) => connection.Command(sql, null, new(more ?? [])
    {
        ["projection"] = projection,
        ["client"] = client,
        ["every"] = batch is null,
        ["batch"] = dialect.Id(batch ?? Guid.Empty),
    });
}
