namespace Enrichment.Plans;

/// <summary>A hint inside the process that there may be work. Losing one costs a poll interval, nothing else.</summary>
internal sealed class WorkSignal
{
    private volatile TaskCompletionSource raised = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Raise() => Interlocked.Exchange(ref raised, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The task to take before looking for work, and to wait for if none was found.</summary>
    public Task Next => raised.Task;
}
