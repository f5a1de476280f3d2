using System.Globalization;
using Enrichment.Chaos.Worker;
using Enrichment.Consolidation;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>Batches whose hosts also fill a typed table, from their launch to what is true of any of them in the end.</summary>
public sealed class TableRun(ChaosStore store, string pipeline)
{
    // A batch that has ended, with open items left of a cancel, or whose table does not show its end.
    private const string Unfinished =
        """
        select (select count(*) from batches where status not in (3, 4, 5) or consolidated_version is null or consolidated_version <> version)
             + (select count(*) from ranges where pending > 0 or in_progress > 0 or to_advance > 0)
        """;

    private const string Ended =
        "select count(*) from batches where status in (3, 4, 5) and (consolidated_version is null or consolidated_version <> version)";

    private readonly List<Batch> batches = [];

    /// <summary>The definition of the table that is audited.</summary>
    public Projection Table { get; set; } = ChaosEngine.Companies;

    /// <summary>The items of all batches.</summary>
    public int Items => batches.Sum(batch => batch.Items);

    /// <summary>Launches a batch of fresh companies.</summary>
    public Task LaunchAsync(int items) => WithEngineAsync(async engine =>
    {
        var csv = "Company Name\n" + string.Concat(Enumerable.Range(1, items).Select(item => $"Company {batches.Count + 1}-{item}\n"));
        var upload = await engine.Client("acme").StageAsync(csv);
        batches.Add(await engine.Client("acme").LaunchAsync(upload.Id, new() { Pipeline = pipeline }));
    });

    public Task MigrateAsync() => WithEngineAsync(engine => engine.MigrateAsync());

    /// <summary>Whether there are batches that have ended and that the table does not show yet.</summary>
    public async Task<bool> IsTableBehindAsync() => await store.NumberAsync(Ended) > 0;

    /// <summary>Whether a change of the table is built, and nobody reads it yet.</summary>
    public async Task<bool> IsBuildingAsync() => await store.NumberAsync("select count(*) from projection_versions where status = 1") > 0;

    /// <summary>How many versions the table has had.</summary>
    public Task<long> CountVersionsAsync() => store.NumberAsync("select count(*) from projection_versions");

    /// <summary>Whether there is work, or a table to fill.</summary>
    public async Task<bool> IsUnfinishedAsync() => await store.NumberAsync(Unfinished) > 0;

    /// <summary>Waits until everything has ended and the table shows it.</summary>
    public Task EndAsync(params WorkerProcess[] workers) => Wait.UntilAsync(
        async () => !await IsUnfinishedAsync(),
        "all batches have ended and the table shows them",
        () => string.Join("\n\n", workers.Select(worker => worker.Log)));

    /// <summary>Lets go on what is paused.</summary>
    public Task ResumeAsync() => WithEngineAsync(async engine =>
    {
        foreach (var batch in await store.QueryAsync($"select batch from batches where status = {(int)BatchStatus.Paused}"))
        {
            await engine.Store.SetPausedAsync(Convert.ToInt32(batch[0], CultureInfo.InvariantCulture), paused: false, default);
        }
    });

    /// <summary>
    /// The table has a row for each item of each batch, the doctor finds nothing, no lease or attempt is open, and the counts are those of
    /// the states.
    /// </summary>
    public async Task AuditAsync()
    {
        List<ProjectedRow> rows = [];
        IReadOnlyList<Finding> findings = [];
        await WithEngineAsync(async engine =>
        {
            findings = await engine.ExamineAsync();
            rows = await engine.Client("acme").ReadRowsAsync(Table.Name).ToListAsync();
        });
        Assert.Empty(findings);
        Assert.Equal(Items, rows.Count);
        Assert.Equal(Items, rows.Select(row => row.Values[0]).Distinct().Count());
        Assert.Equal(
            await store.NumberAsync("select count(*) from workflow_states where status = 3"),
            rows.Count(row => row.Values[1] is not null));
        Assert.Equal(0, await store.NumberAsync("select count(*) from leases where owner is not null"));
        Assert.Equal(0, await store.NumberAsync("select count(*) from attempts where outcome is null"));
        Assert.Equal(
            await store.QueryAsync(
                "select batch, stage, sum(completed), sum(failed), sum(skipped), sum(cancelled) from ranges group by batch, stage order by batch, stage"),
            await store.QueryAsync(
                """
                select batch, stage, sum(case status when 3 then 1 else 0 end), sum(case status when 4 then 1 else 0 end), sum(case status when 5 then 1 else 0 end),
                       sum(case status when 6 then 1 else 0 end)
                  from workflow_states
                 group by batch, stage
                 order by batch, stage
                """));
    }

    private async Task WithEngineAsync(Func<EnrichmentEngine, Task> act)
    {
        using var ledger = Ledger.Open(store.Folder);
        await using var engine = ChaosEngine.Create(store.Place, ledger, claimSize: 100, table: Table);
        await act(engine);
    }
}
