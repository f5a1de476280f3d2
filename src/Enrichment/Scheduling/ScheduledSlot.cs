namespace Enrichment.Scheduling;

/// <summary>A claim loop's time for one batch, until it is disposed.</summary>
internal sealed class ScheduledSlot(int batch, Action end) : IDisposable
{
    /// <summary>The batch to work on, by its inner key.</summary>
    public int Batch => batch;

    public void Dispose() => end();
}
