using Enrichment.External;
using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Providers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Enrichment.Conformance;

/// <summary>A batch of a step whose vendor states limits, and the tasks that external workers take.</summary>
internal sealed class LimitedTasks : IDisposable
{
    private static readonly StepManifest Step = new()
    {
        Slug = "python.size",
        Version = "1.0.0",
        Reads = ["company.name"],
        Effects = Effects.SafeToRepeat,
    };

    private readonly Scene scene;
    private readonly BatchPlans plans;
    private readonly ExternalTasks tasks;

    private LimitedTasks(Scene scene, Batch batch)
    {
        this.scene = scene;
        Batch = batch;
        plans = new(scene.Store, scene.Store, JsonGate.Default, scene.Clock);
        tasks = new(
            scene.Store,
            new(scene.Store, scene.Clock),
            plans,
            new StepCatalogue([], [Step]),
            new(),
            new(),
            new(scene.Clock, NullLogger.Instance, new(TimeProvider.System)));
    }

    public Batch Batch { get; }

    public static async Task<LimitedTasks> OpenAsync(Scene scene, CallLimits? limits, int rows = 40, Condition? when = null)
    {
        var stage = new StageSnapshot
        {
            Manifest = Step,
            When = when,
            Limits = limits,
            Retry = new() { MaxTries = 4 },
            Timeout = TimeSpan.FromMinutes(1),
        };
        var snapshot = new PipelineSnapshot
        {
            Pipeline = "walk",
            PipelineVersion = "1",
            Workstream = "leads",
            WorkstreamVersion = "1",
            Stages = [stage],
        };
        var request = scene.Request(await scene.UploadAsync(rows, content: Guid.NewGuid().ToString())) with
        {
            Snapshot = snapshot.ToJson(),
        };
        return new(scene, await scene.Store.LaunchAsync(request, null, default));
    }

    /// <summary>The tasks of another host.</summary>
    public LimitedTasks OfAnotherHost() => new(scene, Batch);

    public Task<WorkOffer> OfferAsync(string worker = "worker", int limit = 10) =>
        tasks.ClaimAsync(new("python.size", worker) { Limit = limit, Lease = Times.Lease }, default);

    public async Task<ExternalTask> ClaimAsync(string worker = "worker", int limit = 10) =>
        (await OfferAsync(worker, limit)).Work ?? throw new ConformanceException($"Nothing was handed to {worker}.");

    /// <summary>Says the same of some items, or of all.</summary>
    public Task<IReadOnlyList<int>> SayAsync(ExternalTask work, StepOutcome? outcome = null, Range? items = null) =>
        tasks.SettleAsync(
            work.Lease,
            [
                .. work
                    .Items.Take(items ?? ..)
                    .Select(item => new ExternalTaskOutcome(item.Item, item.Attempt, outcome ?? StepOutcome.NotFound())),
            ],
            default);

    public Task<bool> RenewAsync(ExternalTask work) => tasks.RenewAsync(work.Lease, Times.Lease);

    public Task<int> ReleaseAsync(ExternalTask work) => tasks.ReleaseAsync(work.Lease, default);

    public void Dispose() => plans.Dispose();
}
