using System.Diagnostics;
using System.Globalization;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Enrichment.Consolidation.Definitions;

namespace Enrichment.Benchmarks.References;

/// <summary>What the engine is compared with, as bare statements in the server.</summary>
internal static class Reference
{
    private const int Chunk = 1000;

    /// <summary>Makes and fills the schema of P0b, with every item pending at its first step.</summary>
    public static async Task PrepareP0bAsync(BenchDatabase database, int items)
    {
        await database.ExecuteAsync(Sql("p0b"));
        await database.ExecuteAsync($"select p0b.fill({items})");
        await database.ExecuteAsync("vacuum analyze p0b.batch_items, p0b.workflow_states");
    }

    /// <summary>P0b: two sessions at once until nothing is pending.</summary>
    public static async Task RunP0bAsync(BenchDatabase database, int items)
    {
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => database.ExecuteAsync($"call p0b.work({Chunk})")));
        if (await database.ScalarAsync<long>("select count(*) from p0b.enrichment_results") != items * 3L)
        {
            throw new InvalidOperationException("The run is void: P0b did not store 3 results an item.");
        }
    }

    /// <summary>P0c-2, one job after the other: transitions a second.</summary>
    public static async Task<double> RunP0c2Async(BenchServer server, int items, int seconds)
    {
        await using var database = await server.CreateAsync();
        await PrepareP0bAsync(database, items);
        await server.CheckpointAsync();
        await server.PgBenchAsync(database, Sql("p0c2"), clients: 16, seconds: 1);
        return await server.PgBenchAsync(database, Sql("p0c2"), clients: 16, seconds);
    }

    /// <summary>The engine's own writes as bare statements, on a batch that the engine has launched in this database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="items">How many items it has.</param>
    /// <param name="outside">Whether attempts are written.</param>
    /// <param name="answer">An expression over the stage <c>s</c> and the item <c>i</c>. Default: the answer of the no-op steps.</param>
    public static async Task RunOwnWritesAsync(BenchDatabase database, int batch, int items, bool outside, string? answer = null)
    {
        await database.ExecuteAsync(Sql("own_writes").Replace("@answer", answer ?? $"'{Answer.Text}'", StringComparison.Ordinal));
        await Task.WhenAll(
            Enumerable.Range(0, 2).Select(half => database.ExecuteAsync($"call enrichment.own_writes({batch}, {half}, {Chunk}, {outside})")));
        if (await database.ScalarAsync<long>($"select count(*) from enrichment.enrichment_results where batch = {batch}") != items * 3L)
        {
            throw new InvalidOperationException("The run is void: the own writes did not store 3 results an item.");
        }
    }

    /// <summary>The items and first states of an upload as bare statements, in a database where the engine has staged it.</summary>
    public static Task RunLaunchAsync(BenchDatabase database, int upload) =>
        database.ExecuteAsync(Sql("launch").Replace("@upload", upload.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

    /// <summary>Makes the functions by which the table by hand casts.</summary>
    public static Task PrepareConsolidationAsync(BenchDatabase database) => database.ExecuteAsync(Sql("casts"));

    /// <summary>Makes the tables of <see cref="LeadTables"/> by hand, and fills them. Returns the seconds that the rows took.</summary>
    public static async Task<double> RunLeadTablesAsync(BenchDatabase database, int batch)
    {
        await database.ExecuteAsync(Sql("lead_tables"));
        var started = Stopwatch.GetTimestamp();
        await database.ExecuteAsync($"call enrichment.fill_by_hand({batch})");
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The rows by hand must be the engine's, or the figures are worth nothing.</summary>
    public static async Task CompareLeadTablesAsync(BenchDatabase database)
    {
        var children = LeadTables.ByItem.Children.Zip(LeadTables.Children, (child, name) => (
            child.Table, $"{name}_by_hand", child.Stored.Select(column => (column.Name, column.Type))));
        foreach (var (engine, hand, columns) in children.Prepend((
            LeadTables.ByItem.Table, "lead_by_hand", LeadTables.ByItem.Stored.Select(column => (column.Name, column.Type)))))
        {
            var row = string.Join(", ", columns.Select(column => column.Type == ColumnType.Json ? $"{column.Name}::jsonb" : column.Name));
            if (await database.ScalarAsync<bool>($"select {Sum(engine)} is distinct from {Sum(hand)}"))
            {
                throw new InvalidOperationException($"The run is void: {hand} is not the engine's {engine}.");
            }

            string Sum(string table) =>
                $"(select (count(*), sum(hashtextextended(row(bucket, client, batch, item, {row})::text, 0))) from enrichment.{table})";
        }
    }

    private static string Sql(string name)
    {
        using var stream = typeof(Reference).Assembly.GetManifestResourceStream($"Enrichment.Benchmarks.References.{name}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
