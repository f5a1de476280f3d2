using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>A worker that stops longer than its lease lasts, and wakes in a world that has gone on.</summary>
public sealed class StoppedWorkerTests
{
    private const string Everything =
        """
        select md5(string_agg(line, '|' order by line))
          from (select row(s.*)::text as line from workflow_states s
                union all
                select row(r.bucket, r.batch, r.stage, r.item, r.attempt, r.kind, r.data::text, r.created_at)::text from enrichment_results r
                union all
                select row(r.*)::text from ranges r) everything
        """;

    [Fact]
    public async Task A_worker_that_wakes_after_its_lease_was_taken_over_changes_no_state()
    {
        await using var store = await ChaosStore.CreateAsync("postgres");
        var journey = await Journey.LaunchAsync(store, Size.Items / 5, ChaosEngine.Work);
        await using var sleeper = await WorkerProcess.StartAsync(store);
        await StopWithCallsOutAsync(journey, sleeper);

        await using var successor = await WorkerProcess.StartAsync(store);
        await journey.EndAsync(successor);
        Assert.Equal(0, await successor.TerminateAsync());
        var before = await store.QueryAsync(Everything);

        sleeper.Send(Signals.Continue);

        // Its heartbeat may tell it of the loss before it has anything to write; then it writes nothing.
        await Wait.UntilAsync(
            () => sleeper.HasLogged("outcomes changed nothing") || sleeper.HasLogged("was taken over by another host"),
            "the worker that woke has tried to write its outcomes, or was told that its lease is gone",
            () => sleeper.Log);
        Assert.Equal(0, await sleeper.TerminateAsync());
        Assert.Equal(before, await store.QueryAsync(Everything));
        await journey.AuditAsync();
    }

    /// <summary>
    /// Stops the worker at a moment at which vendor calls of its interval are open, so that it has something to write when it wakes.
    /// </summary>
    private static async Task StopWithCallsOutAsync(Journey journey, WorkerProcess sleeper)
    {
        while (true)
        {
            await journey.MidRunAsync(journey.First, sleeper);
            sleeper.Send(Signals.Stop);

            // Half-way through sending a statement it would keep the locks of what the server has run of it, for as long as it sleeps:
            // another trouble than this.
            var sending = await journey.Store.NumberAsync(
                "select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid where a.datname = current_database() and l.pid <> pg_backend_pid() and l.locktype = 'transactionid'");
            if (sending == 0
                && await journey.Store.NumberAsync("select count(*) from attempts where outcome is null") > 0
                && await journey.IsMidRunAsync(sleeper))
            {
                return;
            }

            sleeper.Send(Signals.Continue);
        }
    }
}
