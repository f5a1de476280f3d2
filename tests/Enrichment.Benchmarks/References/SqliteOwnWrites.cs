using Enrichment.Benchmarks.Work;
using Microsoft.Data.Sqlite;

namespace Enrichment.Benchmarks.References;

/// <summary>
/// The engine's own writes on SQLite as bare statements in this process, on a batch that the engine has launched: the same rows in the same
/// tables, the same three transactions a chunk and stage, each statement prepared once and bound row after row. Nothing is read but which
/// items are pending; nothing is checked or fenced.
/// </summary>
internal sealed class SqliteOwnWrites : IDisposable
{
    private const int Chunk = 1000;

    private readonly SqliteConnection connection;
    private readonly SqliteCommand begin;
    private readonly SqliteCommand commit;
    private readonly SqliteCommand buckets;
    private readonly SqliteCommand pending;
    private readonly SqliteCommand claimRange;
    private readonly SqliteCommand claimLease;
    private readonly SqliteCommand result;
    private readonly SqliteCommand complete;
    private readonly SqliteCommand next;
    private readonly SqliteCommand countHere;
    private readonly SqliteCommand countThere;
    private readonly SqliteCommand release;

    public SqliteOwnWrites(string path)
    {
        connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        connection.Open();
        Command("pragma temp_store = memory; pragma cache_size = -32768; pragma journal_mode = wal; pragma synchronous = full")
            .ExecuteNonQuery();
        begin = Command("begin immediate");
        commit = Command("commit");
        buckets = Command(
            "select bucket from ranges where bucket between 0 and 63 and batch = $batch and stage = 1 order by bucket",
            "$batch");
        pending = Command(
            "select item from workflow_states where bucket = $bucket and batch = $batch and stage = $stage and item > $item and status = 0 order by item limit $limit",
            "$bucket",
            "$batch",
            "$stage",
            "$item",
            "$limit");
        claimRange = Command(
            "update ranges set token = token + 1, next_item = $hi + 1, leased_at = $now where bucket = $bucket and batch = $batch and stage = $stage",
            "$bucket",
            "$batch",
            "$stage",
            "$hi",
            "$now");
        claimLease = Command(
            "insert into leases (bucket, batch, stage, lo, hi, token, owner, until) values ($bucket, $batch, $stage, $lo, $hi, 1, 'own writes', $now + 30000)",
            "$bucket",
            "$batch",
            "$stage",
            "$lo",
            "$hi",
            "$now");
        result = Command(
            "insert into enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at) values ($bucket, $batch, $stage, $item, 1, 1, $data, $now)",
            "$bucket",
            "$batch",
            "$stage",
            "$item",
            "$data",
            "$now");
        complete = Command(
            "update workflow_states set status = 3, tries = 1, attempt = 1, result_attempt = 1, updated_at = $now, advanced_at = $now where bucket = $bucket and batch = $batch and stage = $stage and item = $item and status = 0",
            "$bucket",
            "$batch",
            "$stage",
            "$item",
            "$now");
        next = Command(
            "insert into workflow_states (bucket, batch, stage, item, status, generation, due_at, updated_at) values ($bucket, $batch, $stage + 1, $item, 0, 1, $now, $now)",
            "$bucket",
            "$batch",
            "$stage",
            "$item",
            "$now");
        countHere = Command(
            "update ranges set pending = pending - $n, completed = completed + $n where bucket = $bucket and batch = $batch and stage = $stage",
            "$bucket",
            "$batch",
            "$stage",
            "$n");
        countThere = Command(
            "insert into ranges as r (bucket, batch, stage, pending, due_at) values ($bucket, $batch, $stage + 1, $n, $now) on conflict (bucket, batch, stage) do update set pending = r.pending + excluded.pending",
            "$bucket",
            "$batch",
            "$stage",
            "$n",
            "$now");
        release = Command(
            "delete from leases where bucket = $bucket and batch = $batch and stage = $stage and lo = $lo",
            "$bucket",
            "$batch",
            "$stage",
            "$lo");
    }

    public void Run(int batch)
    {
        var all = Read(buckets, batch);
        for (var stage = 1; stage <= 3; stage++)
        {
            foreach (var bucket in all)
            {
                for (
                    var items = Read(pending, bucket, batch, stage, 0L, Chunk);
                    items.Count > 0;
                    items = Read(pending, bucket, batch, stage, items[^1], Chunk))
                {
                    Write(bucket, batch, stage, items);
                }
            }
        }
    }

    public void Dispose() => connection.Dispose();

    private void Write(long bucket, int batch, int stage, List<long> items)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        begin.ExecuteNonQuery();
        Execute(claimRange, bucket, batch, stage, items[^1], now);
        Execute(claimLease, bucket, batch, stage, items[0], items[^1], now);
        commit.ExecuteNonQuery();
        begin.ExecuteNonQuery();
        foreach (var item in items)
        {
            Execute(result, bucket, batch, stage, item, Answer.Text, now);
            Execute(complete, bucket, batch, stage, item, now);
            if (stage < 3)
            {
                Execute(next, bucket, batch, stage, item, now);
            }
        }

        Execute(countHere, bucket, batch, stage, items.Count);
        if (stage < 3)
        {
            Execute(countThere, bucket, batch, stage, items.Count, now);
        }

        commit.ExecuteNonQuery();
        begin.ExecuteNonQuery();
        Execute(release, bucket, batch, stage, items[0]);
        commit.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { ParameterName = parameter });
        }

        return command;
    }

    private static void Execute(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        command.ExecuteNonQuery();
    }

    private static List<long> Read(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        using var reader = command.ExecuteReader();
        var numbers = new List<long>();
        while (reader.Read())
        {
            numbers.Add(reader.GetInt64(0));
        }

        return numbers;
    }

    private static void Bind(SqliteCommand command, ReadOnlySpan<object> values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index];
        }
    }
}
