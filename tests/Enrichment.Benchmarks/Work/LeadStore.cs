using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.TestKit;

namespace Enrichment.Benchmarks.Work;

/// <summary>A store with a batch of leads that has ended, every answer of it written.</summary>
internal sealed class LeadStore : IAsyncDisposable
{
    private readonly string? folder;

    private LeadStore(BenchServer? server, BenchDatabase? database, string? folder)
    {
        Server = server;
        Database = database;
        this.folder = folder;
    }

    /// <summary>The server; null of a file.</summary>
    public BenchServer? Server { get; }

    /// <summary>The database on the server; null of a file.</summary>
    public BenchDatabase? Database { get; }

    /// <summary>The longer way to the server, if engines take it.</summary>
    public SlowLink? Link { get; init; }

    /// <summary>The file, if it is one.</summary>
    public string Path => System.IO.Path.Combine(folder!, "leads.db");

    public Batch Batch { get; private set; } = null!;

    public static async Task<LeadStore> CreateAsync(BenchServer server, SlowLink? link, int items)
    {
        var store = new LeadStore(server, await server.CreateAsync(), null) { Link = link };
        await store.FillAsync(items);
        await store.Database!.ExecuteAsync("vacuum analyze");
        await Reference.PrepareConsolidationAsync(store.Database);
        return store;
    }

    public static async Task<LeadStore> CreateAsync(int items)
    {
        var store = new LeadStore(null, null, Directory.CreateTempSubdirectory("enrichment-bench-").FullName);
        await store.FillAsync(items);
        return store;
    }

    /// <summary>An engine on this store. Its first connection is open.</summary>
    public async Task<EnrichmentEngine> OpenAsync(Action<EnrichmentBuilder>? more = null)
    {
        var engine = Database is null
            ? Subject.OnSqlite(Path, more)
            : Subject.OnPostgreSql(Database.Through(Link), more);
        if (Batch is not null)
        {
            await engine.Client(Subject.Client).GetBatchAsync(Batch.Id);
        }

        return engine;
    }

    /// <summary>Writes everything dirty, so that nothing pays for what was before.</summary>
    public Task SettleAsync() => Server?.CheckpointAsync() ?? Task.CompletedTask;

    /// <summary>What the server has done so far; nothing of a file.</summary>
    public Task<ServerFigures> ReadServerAsync() => Server?.ReadAsync(Database!) ?? Task.FromResult(default(ServerFigures));

    /// <summary>
    /// New answers for one item in so many, all over the batch, through all its stages, by an engine that consolidates nothing.
    /// </summary>
    public async Task ChangeAsync(int oneIn)
    {
        await using var engine = await OpenAsync();
        await engine
            .Client(Subject.Client)
            .RetryAsync(Batch.Id, new() { FromStage = 1, Items = [.. Enumerable.Range(1, Batch.Items / oneIn).Select(n => n * oneIn)] });
        await engine.RunUntilDrainedAsync();
        await Subject.VerifyAsync(engine, Batch, Batch.Items);
    }

    public async ValueTask DisposeAsync()
    {
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }

        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // On a server the answers are written by bare statements, to save time.
    private async Task FillAsync(int items)
    {
        await using var engine = await OpenAsync();
        await engine.MigrateAsync();
        var upload = await Subject.StageAsync(engine, items);
        Batch = await engine.Client(Subject.Client).LaunchAsync(upload.Id, new() { Pipeline = Subject.Leads });
        if (Database is not null)
        {
            await Reference.RunOwnWritesAsync(Database, Batch.Key, items, outside: false, LeadAnswers.Sql);
        }

        await engine.RunUntilDrainedAsync();
        await Subject.VerifyAsync(engine, Batch, items);
        Batch = await engine.Client(Subject.Client).GetBatchAsync(Batch.Id);
    }
}
