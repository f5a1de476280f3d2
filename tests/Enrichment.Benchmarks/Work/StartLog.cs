using System.Collections.Concurrent;
using Enrichment.Benchmarks.Server;
using Npgsql;

namespace Enrichment.Benchmarks.Work;

/// <summary>
/// When each call began, by the clock that this machine shares with the database, to be held against the date at which its state was due.
/// </summary>
internal sealed class StartLog
{
    private readonly ConcurrentQueue<(Guid Batch, short Stage, int Item, DateTimeOffset At)> starts = new();

    public void Add(StepContext context, short stage) =>
        starts.Enqueue((context.BatchId, stage, context.Item, TimeProvider.System.GetUtcNow()));

    /// <summary>From due to started, in milliseconds and by stage, of every state of some batches.</summary>
    public async Task<ILookup<short, double>> DelaysAsync(BenchDatabase database, IReadOnlyCollection<Batch> batches)
    {
        var started = new Dictionary<(Guid, short, int), DateTimeOffset>(starts.Count);
        foreach (var (batch, stage, item, at) in starts)
        {
            started.TryAdd((batch, stage, item), at);
        }

        var delays = new List<(short Stage, double Milliseconds)>();
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select b.id, s.stage, s.item, s.due_at from enrichment.workflow_states s join enrichment.batches b on b.batch = s.batch where b.batch = any ($1)",
            connection)
        {
            Parameters = { new() { Value = batches.Select(batch => batch.Key).ToArray() } },
            CommandTimeout = 0,
        };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var key = (reader.GetGuid(0), reader.GetInt16(1), reader.GetInt32(2));
            delays.Add((key.Item2, (started[key] - reader.GetFieldValue<DateTimeOffset>(3)).TotalMilliseconds));
        }

        return delays.ToLookup(delay => delay.Stage, delay => delay.Milliseconds);
    }
}
