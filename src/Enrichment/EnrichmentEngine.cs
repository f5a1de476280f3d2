using Enrichment.Consolidation;
using Enrichment.Consolidation.Changes;
using Enrichment.Hosting;
using Enrichment.Pipelines;
using Enrichment.Retention;
using Enrichment.Scheduling;
using Enrichment.Steps;
using Enrichment.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment;

/// <summary>The front door: migrations, work, the doctor, and a door for each client. Thread-safe; one per process and store.</summary>
public sealed class EnrichmentEngine : IAsyncDisposable
{
    private readonly Worker worker;
    private readonly StepActivator steps;
    private readonly TimeProvider time;
    private readonly Func<EnrichmentEngine, string, EnrichmentClient> clients;
    private ServiceProvider? own;

    internal EnrichmentEngine(
        IEnrichmentStore store,
        Worker worker,
        Pruner pruner,
        Definitions definitions,
        StepActivator steps,
        TimeProvider time,
        Func<EnrichmentEngine, string, EnrichmentClient> clients)
    {
        (Store, Pruner, Definitions) = (store, pruner, definitions);
        (this.worker, this.steps, this.time, this.clients) = (worker, steps, time, clients);
    }

    /// <summary>The store, for what the front door does not offer.</summary>
    internal IEnrichmentStore Store { get; }

    internal Pruner Pruner { get; }

    internal Definitions Definitions { get; }

    /// <summary>Makes an engine without a host. Dispose it to close its store.</summary>
    /// <param name="describe">Store, steps, pipelines, projections.</param>
    /// <param name="log">Where it logs; null: nowhere.</param>
    /// <exception cref="EnrichmentException">The description is not sound; the message lists every problem.</exception>
    public static EnrichmentEngine Create(Action<EnrichmentBuilder> describe, Action<ILoggingBuilder>? log = null)
    {
        var services = new ServiceCollection();
        services.AddEnrichment(describe);
        if (log is not null)
        {
            services.AddLogging(log);
        }

        var provider = services.BuildServiceProvider();
        if (provider.GetRequiredService<EngineOptions>().Problems is { Count: > 0 } problems)
        {
            provider.Dispose();
            throw new EnrichmentException(
                "The engine's configuration cannot be used." + string.Concat(problems.Select(problem => Environment.NewLine + problem)));
        }

        var engine = provider.GetRequiredService<EnrichmentEngine>();
        engine.own = provider;
        return engine;
    }

    /// <summary>Brings the store's schema up to date. Hosts may race. A host with a worker does this at its start.</summary>
    public Task MigrateAsync(CancellationToken cancellationToken = default) => Store.MigrateAsync(cancellationToken);

    /// <summary>The door of a client: everything that belongs to it, and nothing of any other's.</summary>
    /// <param name="slug">Lower-case letters, digits, hyphens and underscores. The client is made with its first upload.</param>
    /// <exception cref="EnrichmentException">The slug is not one.</exception>
    public EnrichmentClient Client(string slug) => clients(this, slug);

    /// <summary>The slugs of the clients that have ever uploaded something, in order.</summary>
    public Task<IReadOnlyList<string>> ListClientsAsync(CancellationToken cancellationToken = default) =>
        Store.ReadClientsAsync(cancellationToken);

    /// <summary>Works in the calling process until nothing is left that it can do: no hosted service needed.</summary>
    /// <remarks>
    /// It leaves paused batches, and stages whose step this process does not have or may not call, see
    /// <see cref="ListMissingStepsAsync"/>. Ended batches are consolidated before it returns.
    /// </remarks>
    /// <param name="cancellationToken">
    /// Stops it: calls in flight end, leases are given back; it then returns without an exception.
    /// </param>
    public async Task RunUntilDrainedAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await worker.RunAsync(WorkUntil.Drained, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped before it began, or between two operations: there is nothing to give back.
        }
    }

    /// <summary>Works in the calling process until it is stopped; then it drains and returns without an exception.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await worker.RunAsync(WorkUntil.Stopped, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // As above.
        }
    }

    /// <summary>
    /// Works in the calling process while work is due now, and for a limited time: for a cron job or a flow that drives the engine from
    /// outside.
    /// </summary>
    /// <remarks>
    /// Items that wait for a date, an answer or another host are left to a later call. Calls in flight at the end of the time may still
    /// end, see
    /// <see cref="WorkerOptions.DrainTimeout"/>.
    /// </remarks>
    /// <param name="atMost">The time.</param>
    /// <param name="cancellationToken">Ends it earlier, as the end of the time does.</param>
    /// <exception cref="EnrichmentException">The store has no schema yet: call <see cref="MigrateAsync"/> first.</exception>
    public async Task<WorkReport> TickAsync(TimeSpan atMost, CancellationToken cancellationToken = default)
    {
        using var over = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            return await worker.RunAsync(WorkUntil.Idle, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return new(0, 0, 0, IsIdle: false); // Its time was over before it could begin: another worker holds the store.
        }
    }

    /// <summary>
    /// The due work that this host leaves to others, because it does not have the step in the version of the batch or may not make its
    /// calls. Of every client, without paused batches.
    /// </summary>
    /// <remarks>
    /// Reads maintained counts of the batches with due work, never their items. Empty: this host can do all due work.
    /// </remarks>
    public async Task<IReadOnlyList<MissingStep>> ListMissingStepsAsync(CancellationToken cancellationToken = default)
    {
        var missing = new List<MissingStep>();
        var due = (await Store.FindDueAsync([], cancellationToken).ConfigureAwait(false)).Batches.Select(found => found.Batch);
        foreach (var key in due.Union(await Store.FindUnableAsync(cancellationToken).ConfigureAwait(false)))
        {
            var batch = await Store.LoadBatchAsync(key, cancellationToken).ConfigureAwait(false);
            var stages = PipelineSnapshot.FromJson(batch.Snapshot).Stages;
            foreach (var counts in await Store.ReadProgressAsync(key, cancellationToken).ConfigureAwait(false))
            {
                var stage = stages[counts.Stage - 1];
                var reason = counts.Pending > 0
                    ? await steps.RefusalAsync(stage, batch.Client, cancellationToken).ConfigureAwait(false)
                    : null;
                if (counts.Pending > 0 && (reason is not null || !steps.Has(stage)))
                {
                    missing.Add(
                        new(batch.Id, batch.Client, counts.Stage, stage.Manifest.Slug, stage.Manifest.Version, counts.Pending)
                        {
                            Reason = reason,
                        });
                }
            }
        }

        return missing;
    }

    /// <summary>
    /// How often deliveries were refused in the last 30 days, by hour and reason, the latest first. Receiving hosts add theirs every few
    /// seconds.
    /// </summary>
    public Task<IReadOnlyList<Refusal>> ListRefusalsAsync(CancellationToken cancellationToken = default) =>
        Store.ReadRefusedAsync(cancellationToken);

    /// <summary>The versions of a projection, the oldest first; none if it has no table yet.</summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">There is no such projection.</exception>
    public Task<IReadOnlyList<ProjectionVersion>> ListProjectionVersionsAsync(
        string projection, CancellationToken cancellationToken = default) =>
        new VersionOperations(Store, Definitions.Projection(projection)).ListAsync(cancellationToken);

    /// <summary>
    /// Builds this host's definition of a projection beside the live table, compares both, and lets the view show the new one. No vendor is
    /// called. The old table is kept for <see cref="WorkerOptions.KeepReplacedTables"/>.
    /// </summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="hold">
    /// Whether it stops before the view shows the new table. A later call without it goes on; until then the new table is filled like the
    /// live one.
    /// </param>
    /// <param name="cancellationToken">Ends the call; a later one goes on where this one was.</param>
    /// <returns>Null if the definition is live already.</returns>
    /// <exception cref="EnrichmentException">
    /// There is no such projection, another view depends on a column that would go, or rows of pruned batches cannot have the new key.
    /// </exception>
    public Task<ProjectionDiff?> ApplyProjectionAsync(
        string projection, bool hold = false, CancellationToken cancellationToken = default) =>
        new VersionOperations(Store, Definitions.Projection(projection)).ApplyAsync(hold, cancellationToken);

    /// <summary>
    /// Lets a projection's view show a version again whose table is kept. The table is then brought up to date like any other. The
    /// replaced definition is not applied again by itself.
    /// </summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="to">The version; null: the one that was live before, so that a second call undoes the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The version that is live now, and what it cannot show of batches that were pruned since.</returns>
    /// <exception cref="EnrichmentException">
    /// There is no such projection, the version's table is not kept, or it has another key and batches were pruned since it was replaced.
    /// </exception>
    public Task<ProjectionRollback> RollBackProjectionAsync(
        string projection, int? to = null, CancellationToken cancellationToken = default) =>
        new VersionOperations(Store, Definitions.Projection(projection)).RollBackAsync(to, cancellationToken);

    /// <summary>
    /// Makes a projection's live table from nothing, of every client's batches that belong to it: the same content as before. Rows of
    /// pruned batches stay as they are.
    /// </summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="losesRows">
    /// Whether it goes on if another program has dropped the table, and rows of pruned batches are lost with it.
    /// </param>
    /// <param name="cancellationToken">Ends the call; readers see the table as it was, and a later call goes on.</param>
    /// <exception cref="EnrichmentException">There is no such projection, or rows would be lost.</exception>
    public Task<ConsolidationReport> RebuildAsync(
        string projection, bool losesRows = false, CancellationToken cancellationToken = default) =>
        Store.RebuildAsync(Definitions.Projection(projection), cancellationToken, losesRows);

    /// <summary>
    /// Prunes ended batches that are old enough: their items, states and results, and their upload's rows once no other batch needs them.
    /// </summary>
    /// <remarks>
    /// Their counts, events and typed rows stay. Where this host has projections, it prunes only batches that the typed tables show. It may
    /// be interrupted and called again; it also finishes batches that others have marked and not finished. Working hosts do not wait for
    /// it.
    /// </remarks>
    /// <param name="options">Which batches, and where to archive them.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    public Task<PruneReport> PruneAsync(PruneOptions options, CancellationToken cancellationToken = default) =>
        Pruner.PruneAsync(options, wholeMonths: false, () => Task.FromResult(true), cancellationToken);

    /// <summary>
    /// Checks every invariant that rows can show, and recomputes the table of each projection of this host. Reads everything, changes
    /// nothing; empty means healthy.
    /// </summary>
    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken = default) =>
        new Doctor(Store, Store, Store, Definitions).ExamineAsync(cancellationToken);

    /// <summary>Closes an engine made by <see cref="Create"/>; a host's engine is closed by the host.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref own, null) is { } made)
        {
            await made.DisposeAsync().ConfigureAwait(false);
        }
    }
}
