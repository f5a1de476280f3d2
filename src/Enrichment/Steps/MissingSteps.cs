using System.Collections.Concurrent;
using Enrichment.Plans;

namespace Enrichment.Steps;

/// <summary>
/// Stages whose step this host does not have or may not call, as far as it has met them: they are left to hosts that can.
/// </summary>
internal sealed class MissingSteps(StepActivator steps, WorkerRun run)
{
    private readonly ConcurrentDictionary<(int Batch, short Stage), byte> stages = new();
    private readonly ConcurrentDictionary<(int Batch, short Stage), byte> unable = new();
    private readonly ConcurrentDictionary<(string Slug, string Version), byte> warned = new();

    public IReadOnlyCollection<(int Batch, short Stage)> Stages => stages.IsEmpty ? [] : [.. stages.Keys];

    /// <summary>Stages for which this host makes requests, and of which it has met items that call for themselves.</summary>
    public IReadOnlyCollection<(int Batch, short Stage)> Unable => unable.IsEmpty ? [] : [.. unable.Keys];

    /// <summary>Whether this host can work on a stage.</summary>
    public ValueTask<bool> IsHereAsync(StagePlan plan, CancellationToken cancellationToken) => steps.CanRunAsync(plan, cancellationToken);

    /// <summary>Leaves a stage to others. The first of each step and version is worth a warning, unless external workers do it.</summary>
    public void Add(StagePlan plan) => Add(stages, plan);

    /// <summary>Leaves those items of a stage to others that call for themselves.</summary>
    public void AddUnable(StagePlan plan) => Add(unable, plan);

    private void Add(ConcurrentDictionary<(int Batch, short Stage), byte> known, StagePlan plan)
    {
        var manifest = plan.Stage.Manifest;
        if (!known.TryAdd((plan.Batch.Key, plan.Number), 0)
            || steps.Declares(plan.Stage)
            || !warned.TryAdd((manifest.Slug, manifest.Version), 0))
        {
            return;
        }

        if (steps.Has(plan.Stage))
        {
            Log.StepRefused(run.Logger, plan.Batch.Id, plan.Number, manifest.Slug, manifest.Version, steps.Refusal(plan));
        }
        else
        {
            Log.StepMissing(run.Logger, plan.Batch.Id, plan.Number, manifest.Slug, manifest.Version);
        }
    }
}
