using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Reading;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Tables;

/// <summary>
/// Reads from the database what a consolidation has to know, and runs its statements, inside a transaction in which no other caller works
/// on the projection.
/// </summary>
/// <param name="connection">The connection that all statements share.</param>
/// <param name="transaction">The transaction.</param>
/// <param name="dialect">The database's SQL.</param>
/// <param name="projection">The projection's name.</param>
/// <param name="now">The time as the store writes it; null for the database's clock. No row depends on it.</param>
internal sealed class ProjectionSession(
    DbConnection connection, DbTransaction? transaction, ProjectionDialect dialect, string projection, object? now)
{
    public static readonly IReadOnlyList<short> EveryBucket = [.. Enumerable.Range(0, Bucket.Count).Select(bucket => (short)bucket)];

    /// <summary>The database's SQL.</summary>
    public ProjectionDialect Dialect => dialect;

    /// <summary>The projection's name.</summary>
    public string Name => projection;

    /// <summary>The connection that all statements share.</summary>
    public DbConnection Connection => connection;

    /// <summary>Whether what the database has by a name is a view of this projection's own; null: it has nothing.</summary>
    public async Task<bool?> FindTableAsync(string table, int number, CancellationToken cancellationToken) =>
        (await FindTablesAsync([table], number, cancellationToken).ConfigureAwait(false)).TryGetValue(table, out var isOwn) ? isOwn : null;

    /// <summary>The names of which the database has something, each with whether it is a view of this projection's own.</summary>
    public async Task<Dictionary<string, bool>> FindTablesAsync(
        IEnumerable<string> tables, int number, CancellationToken cancellationToken)
    {
        await using var command = Command(
            dialect.Sql["find_tables"], new() { ["tables"] = dialect.Names(tables), ["mark"] = TableVersion.Mark(number) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var found = new Dictionary<string, bool>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(reader.GetString(0), reader.GetBoolean(1));
        }

        return found;
    }

    /// <summary>Inner keys of batches, of a statement that knows versions.</summary>
    public async Task<List<int>> FindBatchesAsync(string operation, int version, int? live, CancellationToken cancellationToken)
    {
        var values = Bound(version);
        if (live is { } other)
        {
            values["live"] = other;
        }

        await using var command = Command(dialect.Sql[operation], values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var batches = new List<int>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batches.Add(reader.GetInt32(0));
        }

        return batches;
    }

    /// <summary>The workstreams of which the store has batches.</summary>
    public async Task<List<string>> WorkstreamsAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["read_workstreams"], []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var workstreams = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            workstreams.Add(reader.GetString(0));
        }

        return workstreams;
    }

    /// <summary>Ended batches that a version's table does not show, with the last failure.</summary>
    public async Task<List<(Guid Batch, string? Error)>> UnshownAsync(int version, CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["find_unshown"], Timed(Bound(version)));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var batches = new List<(Guid, string?)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batches.Add((reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetString(1)));
        }

        return batches;
    }

    /// <summary>Versions that were replaced longer ago than a span, of every projection.</summary>
    public async Task<List<(string Projection, int Version)>> ExpiredAsync(TimeSpan span, CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["find_expired_versions"], Timed(new()
        {
            ["kept"] = (short)VersionStatus.Kept,
            ["dropped"] = (short)VersionStatus.Dropped,
            ["span"] = dialect.Span(span),
        }));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var versions = new List<(string, int)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            versions.Add((reader.GetString(0), reader.GetInt32(1)));
        }

        return versions;
    }

    /// <summary>
    /// The batches that a version's table shows, whether they were pruned, whether the doctor can tell what it must show of them, and their
    /// workstreams.
    /// </summary>
    public async Task<List<(int Batch, bool IsPruned, bool IsComparable, string Workstream)>> NotedAsync(
        int version, CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["read_noted_batches"], Bound(version));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var batches = new List<(int, bool, bool, string)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batches.Add((reader.GetInt32(0), reader.GetBoolean(1), reader.GetBoolean(2), reader.GetString(3)));
        }

        return batches;
    }

    /// <summary>How a batch is consolidated.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="version">The version whose table is filled; 0 for none.</param>
    /// <param name="batch">The inner key.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="lists">The version whose lists are looked up; null: its own.</param>
    public async Task<PlannedBatch> PlanAsync(
        Projection definition, int version, int batch, CancellationToken cancellationToken, int? lists = null)
    {
        await using var command = Command(
            dialect.Sql["find_batch_to_project"], new(Bound(version, batch)) { ["lists"] = lists ?? version });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new EnrichmentException($"There is no batch with the inner key {batch} to consolidate.");
        }

        var buckets = BucketRun.Of(reader.GetGuid(2), reader.GetInt32(3)).Select(run => run.Bucket).Distinct().Order().ToList();
        var columns = JsonSerializer.Deserialize<string[]>(reader.GetString(4))!;
        var headerMap = JsonSerializer.Deserialize<Dictionary<string,
            int[]>>(reader.GetString(5))!.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<int>)pair.Value);
        return new(
            batch,
            reader.GetInt32(0),
            reader.GetInt32(1),
            buckets,
            ProjectionPlan.Resolve(definition, PipelineSnapshot.FromJson(reader.GetString(6)), columns, headerMap),
            reader.GetInt32(9))
        {
            Id = reader.GetGuid(7),
            IsPruned = !reader.IsDBNull(8),
            Version = reader.GetInt32(10),
            HasEnded = reader.GetBoolean(11),
            Progress = reader.IsDBNull(15)
                ? null
                : new(
                    Number(12),
                    Number(13),
                    Number(14),
                    reader.GetBoolean(15),
                    reader.GetInt16(16),
                    reader.GetInt32(17),
                    reader.GetInt32(18))
                {
                    ListsSince = Number(21),
                },
            ListChanges = reader.GetInt32(19),
            Filled = reader.IsDBNull(20) ? null : reader.GetString(20),
            Counted = reader.IsDBNull(22) ? null : reader.GetString(22),
            UploadId = reader.GetGuid(2),
        };

        int? Number(int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetInt32(ordinal);
    }

    /// <summary>Of every row of a version's tables that some batches have, in their order.</summary>
    public async Task<byte[]> HashAsync(TableVersion version, IReadOnlySet<int> batches, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await AppendAsync(hash, version, batches, cancellationToken).ConfigureAwait(false);
        for (var child = 0; child < version.Projection.Children.Count; child++)
        {
            await AppendAsync(hash, version, child, batches, cancellationToken).ConfigureAwait(false);
        }

        return hash.GetHashAndReset();
    }

    private async Task AppendAsync(
        IncrementalHash hash, TableVersion version, IReadOnlySet<int> batches, CancellationToken cancellationToken)
    {
        const int Origin = 4;
        var columns = version.Projection.OfItems;
        await using var command = Command(dialect.SelectAll(version.Projection, version.Items), []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (batches.Contains(reader.GetInt32(2)))
            {
                hash.AppendData(reader.GetFieldValue<byte[]>(Origin));
                hash.AppendData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(columns
                    .Select((column, index) => CsvExport.Format(dialect.Read(reader, index + Origin + 1, column.Type)))
                    .Concat(Enumerable
                        .Range(0, Origin)
                        .Concat(version.Projection.AreItemsSearched ? [Origin + 1 + columns.Count] : [])
                        .Select(index => Convert.ToString(reader.GetValue(index), CultureInfo.InvariantCulture))))));
            }
        }
    }

    private async Task AppendAsync(
        IncrementalHash hash, TableVersion version, int child, IReadOnlySet<int> batches, CancellationToken cancellationToken)
    {
        const int Key = 4;
        const int EngineColumns = 6;
        var columns = version.Projection.Children[child].Stored;
        await using var command = Command(dialect.SelectChildHashes(version, child), []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (batches.Contains(reader.GetInt32(0)))
            {
                hash.AppendData(reader.GetFieldValue<byte[]>(Key));
                hash.AppendData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(columns
                    .Select((column, index) => CsvExport.Format(dialect.Read(reader, index + EngineColumns, column.Type)))
                    .Concat(Enumerable.Range(0, EngineColumns).Where(index => index != Key)
                        .Select(index => Convert.ToString(reader.GetValue(index), CultureInfo.InvariantCulture))))));
            }
        }
    }

    /// <summary>The counts that a statement gives as its only row.</summary>
    public async Task<IReadOnlyList<long>> CountsAsync(string sql, Dictionary<string, object> values, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetInt64)];
    }

    /// <summary>A count, of a statement with parameters.</summary>
    public async Task<long> CountAsync(string sql, Dictionary<string, object> values, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, values);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    /// <summary>Adds the values of a batch that were left out, by column.</summary>
    public async Task CountIssuesAsync(
        SortedDictionary<string, long> issues, int version, int batch, CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["count_issues"], Bound(version, batch));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            issues[reader.GetString(0)] = issues.GetValueOrDefault(reader.GetString(0)) + reader.GetInt64(1);
        }
    }

    /// <summary>Adds issues of a version.</summary>
    public async Task AddIssuesAsync(int version, IReadOnlyList<PlacedIssue> issues, CancellationToken cancellationToken)
    {
        if (issues.Count > 0)
        {
            await RunAsync("add_issues", new(Bound(version).Concat(dialect.Issues(issues))), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs one of the statements that are the same for every projection.</summary>
    public Task<int> RunAsync(string operation, Dictionary<string, object> values, CancellationToken cancellationToken) =>
        ExecuteAsync(dialect.Sql[operation], values, cancellationToken);

    /// <summary>Runs a statement.</summary>
    public async Task<int> ExecuteAsync(string sql, Dictionary<string, object> values, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs statements, of which none depends on an answer, in one round trip.</summary>
    public async Task ExecuteAsync(IEnumerable<string> statements, Dictionary<string, object> values, CancellationToken cancellationToken)
    {
        if (string.Join(";\n", statements) is { Length: > 0 } sql)
        {
            await ExecuteAsync(sql, values, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A statement to be run.</summary>
    public DbCommand Command(string sql, Dictionary<string, object> values)
    {
        BeforeStatement?.Invoke();
        return connection.Command(sql, transaction, values);
    }

    /// <summary>How long a transaction begins with more items. What a lost host has done of its last one is done again.</summary>
    public TimeSpan ChunkTime { get; set; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How many items were filled anew.</summary>
    public int ItemsFilled { get; set; }

    /// <summary>Where tests let a host be lost.</summary>
    public Action? BeforeStatement { get; set; }

    /// <summary>The parameters that name a version, and a batch of it.</summary>
    public Dictionary<string, object> Bound(int version, int? batch = null)
    {
        var values = new Dictionary<string, object> { ["projection"] = projection, ["version"] = version };
        if (batch is { } key)
        {
            values["batch"] = key;
        }

        return values;
    }

    /// <summary>Adds the time.</summary>
    public Dictionary<string, object> Timed(Dictionary<string, object> values)
    {
        values["now"] = now ?? DBNull.Value;
        return values;
    }
}
