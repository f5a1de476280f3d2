namespace Enrichment.Storage;

/// <summary>External tasks: handed out by hosts, fetched and reported by workers in any language.</summary>
internal interface IExternalTaskStore
{
    /// <summary>
    /// Writes attempts with their tasks, and moves their states to IN_PROGRESS. Returns the items that were handed out: the lease holds,
    /// and the state is open and as claimed.
    /// </summary>
    Task<IReadOnlyList<int>> HandOutAsync(HandOutRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// What is handed out ahead of a stage's workers, and what those want that do its version and may have its client's tasks.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="step">Its step.</param>
    /// <param name="version">The version of the step.</param>
    /// <param name="client">The client whose tasks they are.</param>
    /// <param name="most">How far to count.</param>
    /// <param name="window">How long ago a worker may have been seen last.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<TaskDemand> ReadDemandAsync(
        (int Batch, short Stage) stage,
        string step,
        string version,
        string client,
        int most,
        TimeSpan window,
        CancellationToken cancellationToken);

    /// <summary>Gives a worker tasks, each once, and notes that the worker was there. Tasks of held batches are hidden.</summary>
    /// <exception cref="Exception">The store fails, and no task was fetched before that.</exception>
    Task<IReadOnlyList<FetchedTask>> FetchTasksAsync(TaskFetch request, CancellationToken cancellationToken);

    /// <summary>Stores reports as deliveries, once for each task; a repeated report is taken as the first one again.</summary>
    /// <param name="identity">The worker's identity.</param>
    /// <param name="reports">The tasks, as they were fetched, each with the report's JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>For each, in their order, whether it was taken; the others are not tasks that this identity has in its hands.</returns>
    Task<IReadOnlyList<bool>> ReportTasksAsync(
        string identity,
        IReadOnlyList<(string Task, string Body)> reports,
        CancellationToken cancellationToken);

    /// <summary>Prolongs the locks of tasks, from now on.</summary>
    /// <returns>For each, in their order, whether it is still the worker's.</returns>
    Task<IReadOnlyList<bool>> ExtendTasksAsync(
        string identity,
        IReadOnlyList<string> tasks,
        TimeSpan hold,
        CancellationToken cancellationToken);

    /// <summary>Ranges in which a task was not fetched in its time, or a worker's lock has ended.</summary>
    Task<IReadOnlyList<RangeKey>> FindDueTasksAsync(int limit, CancellationToken cancellationToken);

    /// <summary>The tasks of a range on which a host has to act, and keeps them from other hosts for a time.</summary>
    /// <param name="range">Where.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="hold">How long unfetched tasks are kept.</param>
    /// <param name="holdFetched">How long the others are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<DueTask>> TakeDueTasksAsync(
        RangeKey range,
        int limit,
        TimeSpan hold,
        TimeSpan holdFetched,
        CancellationToken cancellationToken);

    /// <summary>Hides unfetched tasks, so that a host withdraws them at once. Returns how many.</summary>
    Task<int> HideTasksAsync(RangeKey range, IReadOnlyCollection<int> items, CancellationToken cancellationToken);
}
