namespace Enrichment.Plans;

/// <summary>Waits that end with whichever comes first.</summary>
internal static class Waiting
{
    /// <summary>
    /// Waits for a task to end, whatever its outcome, or for the time to pass. Ends early, without an exception, when cancelled.
    /// </summary>
    public static async Task WaitAsync(this TimeProvider time, Task task, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(atMost, time, either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
    }
}
