using System.Globalization;
using Enrichment.Chaos.Worker;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Tables;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>
/// A typed table that hosts change again and again while they are killed: what its readers see meanwhile, what each kill cost, and what the
/// table is in the end.
/// </summary>
public sealed class ChangeRun(ChaosStore store)
{
    // How many statements a host gets at most: some chunks' worth. Doubled after each host that got nothing done.
    private const int Reach = 40;
    private const int MostReach = 1 << 20;

    // The most items of one transaction, of a large batch on PostgreSQL.
    private const int MostOfChunk = 6000;

    private readonly Random random = new(20261201);
    private readonly List<int> batches = [];
    private int reach = Reach;
    private int hosts;
    private int looks;
    private int hits;
    private long mostLost;
    private long allLost;

    /// <summary>The generation that the view shows.</summary>
    public int Shown { get; private set; }

    /// <summary>How many hosts were killed.</summary>
    public int Kills { get; private set; }

    /// <summary>What has happened, for the reader of a soak.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{batches.Sum()} items, {hosts} hosts, {Kills} killed, {hits} of them over items that were lost: {mostLost} at most, {allLost} in all. Readers looked {looks} times.");

    /// <summary>The version of a generation: each is applied once, in their order.</summary>
    public static int VersionOf(int generation) => generation + 1;

    /// <summary>Batches that have ended, and the table of the first generation.</summary>
    public async Task BeginAsync()
    {
        await WithEngineAsync(engine => engine.MigrateAsync());
        await using (var worker = await WorkerProcess.StartAsync(store))
        {
            // One of several chunks, and some of one.
            foreach (var items in new[] { 8, 1, 1, 1, 1 }.Select(share => Size.ChangedRows * share / 12))
            {
                await WithEngineAsync(async engine =>
                {
                    var upload = await engine.Client("acme").StageAsync(ChangedTable.Csv(batches.Count, items));
                    await engine.Client("acme").LaunchAsync(upload.Id, new() { Pipeline = ChaosEngine.Quick });
                });
                batches.Add(items);
                await Wait.UntilAsync(
                    async () => await store.NumberAsync("select count(*) from batches where status not in (3, 4, 5)") == 0,
                    "the batch has ended",
                    () => worker.Log);
            }

            Assert.Equal(0, await worker.TerminateAsync());
        }

        await WithEngineAsync(engine => FillAsync(engine, ChangedTable.Of(0)));
        await LookAsync(0);
    }

    /// <summary>Has an act done, by as many hosts as it takes while they are killed.</summary>
    /// <param name="generation">The hosts' definition.</param>
    /// <param name="act">See <see cref="ChangedTable.ActAsync"/>.</param>
    /// <param name="after">The generation that the view shows then.</param>
    public async Task ActAsync(int generation, string act, int after)
    {
        var version = VersionOf(generation);
        while (true)
        {
            var before = await NotedAsync(version);
            var journal = Path.Combine(store.Folder, $"{++hosts}.journal");
            var statements = Kills < Size.ChangedKills ? random.Next(reach) : int.MaxValue;
            await using var host = await WorkerProcess.StartChangingAsync(store, journal, generation, act);
            while (!host.HasExited && TransactionJournal.Count(journal) < statements)
            {
                await LookAsync(after);
            }

            if (host.HasExited)
            {
                Assert.True(await host.ExitAsync() == 0, $"{act} of generation {generation}: {host.Log}");
                await LookAsync(after);
                Assert.Equal(after, Shown);
                return;
            }

            await host.KillAsync();
            Kills++;
            await LookAsync(after);
            await AuditKillAsync(version, before, journal);
        }
    }

    /// <summary>There is nothing of the table but what its live version has.</summary>
    public async Task AuditSweptAsync()
    {
        var live = (await VersionsAsync(ChangedTable.Name)).Single();
        Assert.Equal(VersionOf(Shown), live.Version);
        var tables = await store.QueryAsync(store.IsPostgres
            ? "select tablename from pg_tables where schemaname = 'enrichment'"
            : "select name from sqlite_master where type = 'table'");
        Assert.Equal(
            live.Tables.Order(),
            tables
                .Select(row => (string)row[0]!)
                .Where(table => table.StartsWith(TableVersion.Mark(live.Number), StringComparison.Ordinal))
                .Order());
        foreach (var table in new[] { "projection_batches", "projection_issues" })
        {
            Assert.Equal(
                0, await store.NumberAsync($"select count(*) from {table} where projection = '{ChangedTable.Name}' and version <> {live.Version}"));
        }
    }

    /// <summary>
    /// Each version that has a table is as a fresh build of its definition: rows, child rows, issues and origins. The doctor finds nothing,
    /// and a sweep leaves nothing but the live version.
    /// </summary>
    public async Task AuditAsync()
    {
        foreach (var version in await VersionsAsync(ChangedTable.Name))
        {
            var fresh = $"fresh{version.Version}";
            await WithEngineAsync(engine => FillAsync(engine, ChangedTable.Of(version.Version - 1, fresh)));
            await AuditAsync(version, (await VersionsAsync(fresh)).Single());
        }

        await WithEngineAsync(async engine =>
        {
            Assert.Empty(await engine.ExamineAsync());
            await ChangedTable.ActAsync(engine.Store, Shown, "sweep", default);
        });
        await AuditSweptAsync();
    }

    private static async Task FillAsync(EnrichmentEngine engine, Projection projection)
    {
        foreach (var batch in await engine.Store.FindToProjectAsync(projection, default))
        {
            await engine.Store.ConsolidateAsync(projection, batch, default);
        }
    }

    /// <summary>
    /// A reader sees all rows of one generation, and their child rows: of the one that it saw before, or, from some moment on, of the next.
    /// The registry calls the same one live.
    /// </summary>
    private async Task LookAsync(int next)
    {
        looks++;
        var seen = (await store.QueryAsync(
                $"""
                select count(*), min(generation), max(generation), (select count(*) from {ChangedTable.Name}_jobs),
                       (select live from projections where name = '{ChangedTable.Name}')
                  from {ChangedTable.Name}
                """))[0]
            .Select(cell => cell is DBNull ? -1 : Convert.ToInt32(cell, CultureInfo.InvariantCulture))
            .ToList();
        if (seen[1] == next)
        {
            Shown = next;
        }

        var rows = ChangedTable.Rows(Shown, batches);
        Assert.Equal([rows, Shown, Shown, rows * ChangedTable.Jobs, VersionOf(Shown)], seen);
    }

    /// <summary>What the registry says after a kill is what its dead host had committed, and the table has rows of just that.</summary>
    private async Task AuditKillAsync(int version, long before, string journal)
    {
        // The server ends what the dead host has begun, or commits it if it was asked to.
        await Wait.UntilAsync(
            async () => !store.IsPostgres || !await store.IsBeingFilledAsync(), "the server has ended the dead host's transaction");
        var (committed, open) = TransactionJournal.Read(journal);
        var after = await NotedAsync(version);
        var lost = before + committed + open - after;
        Assert.True(
            lost == 0 || lost == open,
            $"Version {version} had {before} items. Its host has committed {committed} more, and was about {open} others when it was killed; {after} are noted.");
        Assert.True(open <= MostOfChunk, $"A transaction was about {open} items when its host was killed.");
        if (after > 0)
        {
            var items = $"{TableVersion.Mark(1)}{version}{(ChangedTable.IsKeyed(version - 1) ? "_items" : "")}";
            Assert.Equal(after, await store.NumberAsync($"select count(*) from {items}"));
        }

        hits += lost > 0 ? 1 : 0;
        mostLost = Math.Max(mostLost, lost);
        allLost += lost;
        reach = after == before ? Math.Min(reach * 2, MostReach) : Reach;
    }

    /// <summary>The items that a version has by its notes: of whole batches, and of those under way up to the last that is done.</summary>
    private Task<long> NotedAsync(int version) => store.NumberAsync(
        $"""
        select coalesce(sum(case when p.noted is not null then b.items
                                 else (select count(*) from batch_items i
                                        where i.batch = p.batch and (i.bucket, i.item) <= (p.bucket, p.item))
                            end), 0)
          from projection_batches p
          join batches b on b.batch = p.batch
         where p.projection = '{ChangedTable.Name}'
           and p.version = {version}
        """);

    // The origin begins with the number of the version, which differs, and with it the hash of a row; that of a child row does not.
    private async Task AuditAsync(TableVersion version, TableVersion fresh)
    {
        foreach (var (table, other) in version.Tables.Zip(fresh.Tables))
        {
            var columns = await store.ColumnsAsync(table);
            var isChild = columns.Contains("child_key");
            string Read(TableVersion of, string from) => $"select {string.Join(", ", columns.Select(column => column switch
            {
                "row_hash" when !isChild => "0",
                "row_origin" => $"substr(row_origin, {(of.Version > 127 ? 3 : 2)})",
                _ => $"\"{column}\"",
            }))} from {from}";
            await AuditAsync($"{table} as it would be fresh", Read(version, table), Read(fresh, other));
        }

        string Issues(TableVersion of) =>
            $"""select bucket, batch, item, "column", source, reason, value, number, child_key from projection_issues where projection = '{of.Projection.Name}' and version = {of.Version}""";
        await AuditAsync($"issues of version {version.Version} as they would be fresh", Issues(version), Issues(fresh));
    }

    private async Task AuditAsync(string what, string one, string other)
    {
        Assert.True(await store.NumberAsync($"select count(*) from ({one}) a") > 0, what);
        Assert.True(await store.NumberAsync($"select count(*) from ({one} except {other}) a") == 0, what);
        Assert.True(await store.NumberAsync($"select count(*) from ({other} except {one}) a") == 0, what);
    }

    private async Task<IReadOnlyList<TableVersion>> VersionsAsync(string projection)
    {
        ProjectionRegistry? registry = null;
        await WithEngineAsync(async engine => registry = await engine.Store.LookAsync(
            projection, session => ProjectionRegistry.ReadAsync(session, null, default), default));
        return [.. registry!.Kept, registry.Live];
    }

    private async Task WithEngineAsync(Func<EnrichmentEngine, Task> act)
    {
        using var ledger = Ledger.Open(store.Folder);
        await using var engine = ChaosEngine.Create(store.Place, ledger, claimSize: 100, table: ChangedTable.Of(Shown));
        await act(engine);
    }
}
