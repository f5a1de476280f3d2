using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation;

/// <summary>Reads from the database what a consolidation has to know about its projection, and runs its statements.</summary>
internal sealed class ProjectionSession(
    DbConnection connection, DbTransaction? transaction, ProjectionDialect dialect, Projection projection)
{
    private static readonly IEnumerable<short> EveryBucket = Enumerable.Range(0, Bucket.Count).Select(bucket => (short)bucket);

    /// <summary>Ended batches that the table does not show.</summary>
    public async Task<List<Guid>> UnshownAsync(object? now, CancellationToken cancellationToken)
    {
        await using var command = Command(
            dialect.Sql["find_unshown"], new() { ["projection"] = projection.Name, ["now"] = now ?? DBNull.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var batches = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batches.Add(reader.GetGuid(0));
        }

        return batches;
    }

    /// <summary>What is registered of the projection; null if nothing is.</summary>
    public async Task<HeldTable?> FindAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["find_projection"], new() { ["projection"] = projection.Name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? new(reader.GetString(0), reader.GetFieldValue<byte[]>(1))
            : null;
    }

    /// <summary>Whether the database has this table.</summary>
    public async Task<bool> ExistsAsync(string table, CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["find_table"], new() { ["table"] = table });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not null;
    }

    /// <summary>The batches that were consolidated into it, by inner key.</summary>
    public async Task<List<int>> BatchesAsync(bool pruned, CancellationToken cancellationToken)
    {
        await using var command = Command(
            dialect.Sql["read_projection_batches"], new() { ["projection"] = projection.Name, ["pruned"] = pruned });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var batches = new List<int>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batches.Add(reader.GetInt32(0));
        }

        return batches;
    }

    /// <summary>How a batch is consolidated.</summary>
    public async Task<PlannedBatch> PlanAsync(int batch, CancellationToken cancellationToken)
    {
        await using var command = Command(
            dialect.Sql["find_batch_to_project"], new() { ["projection"] = projection.Name, ["batch"] = batch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new EnrichmentException($"There is no batch with the inner key {batch} to consolidate.");
        }

        if (!await reader.IsDBNullAsync(8, cancellationToken).ConfigureAwait(false))
        {
            throw new EnrichmentException(
                $"Batch {reader.GetGuid(7)} cannot be consolidated: it was pruned. Its rows in typed tables stay as they are.");
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
            ProjectionPlan.Resolve(projection, PipelineSnapshot.FromJson(reader.GetString(6)), columns, headerMap),
            reader.GetInt32(9),
            reader.IsDBNull(10) ? null : reader.GetInt32(10),
            reader.IsDBNull(11) ? null : reader.GetInt32(11));
    }

    /// <summary>Of every row of the table in its order.</summary>
    public async Task<byte[]> HashAsync(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var command = Command(dialect.SelectAll(projection), []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(projection.Stored
                .Select((column, index) => CsvExport.Format(dialect.Read(reader, index + 4, column.Type)))
                .Concat(Enumerable.Range(0, 4).Select(index => Convert.ToString(reader.GetValue(index), CultureInfo.InvariantCulture))))));
        }

        return hash.GetHashAndReset();
    }

    /// <summary>A batch's rows in the table.</summary>
    public async Task<long> CountAsync(int batch, CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Count(projection.Table), new() { ["batch"] = batch });
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    /// <summary>Adds the values of a batch that were left out, by column.</summary>
    public async Task CountIssuesAsync(SortedDictionary<string, long> issues, int batch, CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["count_issues"], new() { ["projection"] = projection.Name, ["batch"] = batch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            issues[reader.GetString(0)] = issues.GetValueOrDefault(reader.GetString(0)) + reader.GetInt64(1);
        }
    }

    /// <summary>The items of a batch, in chunks.</summary>
    public async IAsyncEnumerable<IReadOnlyList<(short Bucket, int Item)>> ItemsAsync(
        PlannedBatch batch,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var inBucket = Math.Max(1, batch.Items / Math.Max(1, batch.Buckets.Count));
        await using var command = Command(dialect.Sql["find_items"], new(dialect.Buckets([])) { ["batch"] = batch.Key });
        foreach (var buckets in batch.Buckets.Chunk(Math.Max(1, ProjectionFill.ItemsAtOnce / inBucket)))
        {
            foreach (var (name, value) in dialect.Buckets(buckets))
            {
                command.Parameters[name].Value = value;
            }

            await dialect.PrepareAsync(command, cancellationToken).ConfigureAwait(false);
            foreach (var chunk in Chunks(await ReadItemsAsync(command, cancellationToken).ConfigureAwait(false)))
            {
                yield return chunk;
            }
        }
    }

    /// <summary>The items of a batch that were retried since a version of it, in chunks.</summary>
    public async IAsyncEnumerable<IReadOnlyList<(short Bucket, int Item)>> RetriedAsync(
        int batch,
        int version,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(dialect.Sql["find_retried"], new() { ["batch"] = batch, ["version"] = version });
        foreach (var chunk in Chunks(await ReadItemsAsync(command, cancellationToken).ConfigureAwait(false)))
        {
            yield return chunk;
        }
    }

    /// <summary>Removes the issues of some items.</summary>
    public Task<int> ForgetIssuesAsync(int batch, IReadOnlyList<(short Bucket, int Item)> items, CancellationToken cancellationToken) =>
        ExecuteAsync(
            dialect.Sql["forget_some_issues"],
            new(dialect.Items(items)) { ["projection"] = projection.Name, ["batch"] = batch },
            cancellationToken);

    /// <summary>Adds issues.</summary>
    public async Task AddIssuesAsync(int batch, IReadOnlyList<PlacedIssue> issues, CancellationToken cancellationToken)
    {
        if (issues.Count > 0)
        {
            await ExecuteAsync(
                dialect.Sql["add_issues"],
                new(dialect.Issues(issues)) { ["projection"] = projection.Name, ["batch"] = batch },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Notes which version of a batch the table shows.</summary>
    public Task<int> NoteAsync(PlannedBatch batch, int? version, CancellationToken cancellationToken) => ExecuteAsync(
        dialect.Sql["note_projected"],
        new() { ["projection"] = projection.Name, ["batch"] = batch.Key, ["version"] = (object?)version ?? DBNull.Value },
        cancellationToken);

    /// <summary>Runs a statement for each bucket.</summary>
    public async Task<int> InEveryBucketAsync(string statement, int? batch, CancellationToken cancellationToken)
    {
        var changed = 0;
        foreach (var bucket in EveryBucket)
        {
            changed += await ExecuteAsync(statement, Bound(bucket, batch), cancellationToken).ConfigureAwait(false);
        }

        return changed;
    }

    // Of equal size, so that no last one of a few items costs as much as the others.
    private static IEnumerable<(short Bucket, int Item)[]> Chunks(List<(short Bucket, int Item)> items)
    {
        var chunks = Math.Max(1, (items.Count + ProjectionFill.ItemsAtOnce - 1) / ProjectionFill.ItemsAtOnce);
        return items.Chunk(Math.Max(1, (items.Count + chunks - 1) / chunks));
    }

    private static async Task<List<(short Bucket, int Item)>> ReadItemsAsync(DbCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var items = new List<(short, int)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            items.Add((reader.GetInt16(0), reader.GetInt32(1)));
        }

        return items;
    }

    private Dictionary<string, object> Bound(short bucket, int? batch) =>
        new() { ["bucket"] = bucket, ["projection"] = projection.Name, ["batch"] = (object?)batch ?? DBNull.Value };

    /// <summary>Runs a statement.</summary>
    public async Task<int> ExecuteAsync(string sql, Dictionary<string, object> values, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The connection that all statements share.</summary>
    public DbConnection Connection => connection;

    /// <summary>A statement to be run.</summary>
    public DbCommand Command(string sql, Dictionary<string, object> values) => connection.Command(sql, transaction, values);

    /// <summary>A registered projection: its table, and the hash of its definition.</summary>
    public sealed record HeldTable(string Table, byte[] Hash);
}
