using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.External;

/// <summary>Gives tasks to external workers and takes their reports. A host maps requests to it; nothing here knows of HTTP.</summary>
/// <remarks>Nothing is kept between two calls: the task's name holds all there is to know. A report is a delivery. Thread-safe.</remarks>
internal sealed class ExternalTasks(
    IExternalTaskStore store,
    IInboxStore inbox,
    IManifestStore manifests,
    StepCatalogue catalogue,
    WorkSignals signals,
    ILogger logger)
{
    /// <summary>What is counted among the refused deliveries.</summary>
    public const string Refused = "an external task: its token is not one that this worker has in its hands";

    private readonly KnownSteps steps = new(manifests, catalogue);

    /// <summary>Gives a worker tasks of a step, of the clients in its scope.</summary>
    /// <exception cref="EnrichmentException">
    /// The request is out of its bounds, the step is not in the worker's scope, or no host knows it; the message says how.
    /// </exception>
    public async Task<IReadOnlyList<FetchedTask>> FetchAsync(
        FetchRequest request,
        WorkerScope scope,
        CancellationToken cancellationToken)
    {
        request.Validate();
        if (!scope.AllowsStep(request.Step))
        {
            throw new EnrichmentException(
                $"step: '{Excerpt.Of(request.Step)}' is not among the steps that this worker may work on. The host that maps the worker API says which are.");
        }

        // Before anything is noted of the step: what a worker makes up leaves no trace.
        await steps.RequireAsync(request, cancellationToken).ConfigureAwait(false);
        var tasks = await store.FetchTasksAsync(
            new()
            {
                Step = request.Step,
                Version = request.Version,
                Worker = request.Worker,
                Identity = Identity(scope),
                Clients = scope.Clients,
                Limit = request.Limit,
                Hold = request.Lock,
                FailedHalfway = exception => Log.FetchFailedHalfway(logger, request.Step, exception),
            },
            cancellationToken).ConfigureAwait(false);
        if (tasks.Count > 0)
        {
            signals.Due.Raise(); // There is room for more.
        }

        return tasks;
    }

    /// <summary>Stores reports. May be repeated: a task is reported once.</summary>
    /// <returns>The tasks that this worker does not have in its hands: of them nothing was written.</returns>
    /// <exception cref="EnrichmentException">There are too many; the message says how many there may be.</exception>
    public async Task<IReadOnlyList<string>> ReportAsync(
        IReadOnlyList<(string Task, TaskReport Report)> reports,
        WorkerScope scope,
        CancellationToken cancellationToken)
    {
        FetchRequest.ValidateCount(reports.Count);
        var taken = await store
            .ReportTasksAsync(
                Identity(scope),
                [.. reports.Select(report => (report.Task, report.Report.ToJson()))],
                cancellationToken)
            .ConfigureAwait(false);
        if (taken.Contains(true))
        {
            signals.Delivered.Raise();
        }

        return await RefusedAsync([.. reports.Select(report => report.Task)], taken, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Prolongs the worker's locks, from now on.</summary>
    /// <returns>The tasks that this worker does not have in its hands any more.</returns>
    /// <exception cref="EnrichmentException">So long is no lock, or there are too many tasks.</exception>
    public async Task<IReadOnlyList<string>> ExtendAsync(
        IReadOnlyList<string> tasks,
        TimeSpan hold,
        WorkerScope scope,
        CancellationToken cancellationToken)
    {
        FetchRequest.ValidateCount(tasks.Count);
        FetchRequest.Validate(hold);
        var kept = await store.ExtendTasksAsync(Identity(scope), tasks, hold, cancellationToken).ConfigureAwait(false);
        return [.. tasks.Where((_, number) => !kept[number])];
    }

    private static string Identity(WorkerScope scope) => $"http:{scope.Identity}";

    private async Task<IReadOnlyList<string>> RefusedAsync(string[] tasks, IReadOnlyList<bool> taken, CancellationToken cancellationToken)
    {
        string[] refused = [.. tasks.Where((_, number) => !taken[number])];
        if (refused.Length > 0)
        {
            await inbox.NoteRefusedAsync([(Refused, refused.Length)], cancellationToken).ConfigureAwait(false);
        }

        return refused;
    }
}
