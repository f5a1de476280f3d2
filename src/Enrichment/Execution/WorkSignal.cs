namespace Enrichment.Execution;

/// <summary>A hint inside the process that there may be work. Losing one costs a poll interval, nothing else.</summary>
internal sealed class WorkSignal(TimeProvider time)
{
    private volatile TaskCompletionSource raised = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Raise() => Interlocked.Exchange(ref raised, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The task to take before looking for work, and to wait for if none was found.</summary>
    public Task Next => raised.Task;

    /// <summary>Waits for the hint, or for the time to pass. Ends early, without an exception, when cancelled.</summary>
    public async Task WaitAsync(Task hint, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(hint, Task.Delay(atMost, time, either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
    }
}
