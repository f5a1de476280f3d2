using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>
/// Counts the calls that a batch would make, row after row. Pure steps are run, so that the keys of later stages are known; nobody is
/// called. Of a row nothing is kept but hashes of its entities' keys.
/// </summary>
internal sealed class CallCounter
{
    private readonly List<CountedStage> stages = [];
    private readonly RecordShape final;
    private readonly StepActivator steps;
    private readonly TimeProvider time;
    private bool ready;
    private int rows;

    public CallCounter(
        string client,
        Upload upload,
        PipelineSnapshot snapshot,
        IEntityRequestStore store,
        StepActivator steps,
        TimeProvider time)
    {
        (this.steps, this.time, final) = (steps, time, snapshot.FinalShape(upload));
        var batch = new Batch
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            Client = client,
            UploadId = upload.Id,
            Pipeline = snapshot.Pipeline,
            LaunchKey = "",
            Status = BatchStatus.Pending,
            Priority = 1,
            Items = 0,
            CreatedAt = time.GetUtcNow(),
        };
        for (short stage = 1; stage <= snapshot.Stages.Count; stage++)
        {
            stages.Add(new(new(batch, upload, snapshot, stage, JsonGate.Default), store));
        }
    }

    /// <param name="row">The next row of the batch.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task AddAsync(StagedRow row, CancellationToken cancellationToken)
    {
        await MakeReadyAsync(cancellationToken).ConfigureAwait(false);
        rows++;
        var item = new ClaimedItem { Item = row.Row, Raw = row.Raw, Generation = 1, Attempt = 0, Tries = 0 };
        foreach (var stage in stages)
        {
            var decided = stage.IsDecided;
            if (decided && !stage.Plan.ConditionHolds(item))
            {
                continue;
            }

            if (stage.Step is null)
            {
                await stage.CountAsync(item, decided, final, cancellationToken).ConfigureAwait(false);
            }
            else if (decided && !await RunAsync(stage, item, cancellationToken).ConfigureAwait(false) && !stage.Plan.Stage.Optional)
            {
                return;
            }
        }
    }

    public async Task<LaunchPreview> EndAsync(string pipeline, CancellationToken cancellationToken)
    {
        var counted = new List<StagePreview>();
        foreach (var stage in stages.Where(stage => stage.IsOutside))
        {
            counted.Add(await stage.EndAsync(cancellationToken).ConfigureAwait(false));
        }

        return new(pipeline, rows, counted);
    }

    // What a stage answers is unknown if its step is not run here; so are conditions on that.
    private async Task MakeReadyAsync(CancellationToken cancellationToken)
    {
        if (ready)
        {
            return;
        }

        ready = true;
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in stages)
        {
            var said = stage.Plan.Stage;
            stage.Unknown = [.. unknown];
            if (said is { Manifest: { Effects: Effects.Pure, BulkSize: null, External: false }, Entity: null } && steps.Has(said))
            {
                stage.Step = await steps.ReadyAsync(stage.Plan, cancellationToken).ConfigureAwait(false);
            }

            if (stage.Step is null || !stage.IsDecided)
            {
                unknown.UnionWith(said.Manifest.Produces.Select(produced => produced.Field));
            }
        }
    }

    /// <summary>Runs a pure step. False if the item would fail.</summary>
    private async Task<bool> RunAsync(CountedStage stage, ClaimedItem item, CancellationToken cancellationToken)
    {
        StepOutcome? outcome;
        try
        {
            await using var use = stage.Step!.Begin();
            outcome = await use.Step.ExecuteAsync(stage.Plan.Context(item, stage.Step.Options, time), cancellationToken)
                .ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A step is foreign code: the item would fail.
        catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return false;
        }

        if (outcome?.Kind is StepOutcomeKind.Completed or StepOutcomeKind.NotFound)
        {
            if (!JsonGate.Default.TryAccept(outcome.Result.Span, out var result, out _))
            {
                return false;
            }

            item.Results.Add((stage.Plan.Number, result));
        }

        return outcome?.Kind is StepOutcomeKind.Completed or StepOutcomeKind.NotFound or StepOutcomeKind.Skipped;
    }
}
