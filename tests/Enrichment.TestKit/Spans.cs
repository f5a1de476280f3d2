using System.Collections.Concurrent;
using System.Diagnostics;

namespace Enrichment.TestKit;

/// <summary>Keeps the engine's spans of one batch, whatever others in the process do.</summary>
public sealed class Spans : IDisposable
{
    private readonly ConcurrentQueue<Activity> ended = [];
    private readonly ActivityListener listener;

    public Spans()
    {
        listener = new()
        {
            ShouldListenTo = source => source.Name == "Enrichment",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>Those of a batch that have ended.</summary>
    public IReadOnlyList<Activity> Of(Guid batch) => [.. ended.Where(span => span.GetTagItem("batch") is Guid id && id == batch)];

    public void Dispose() => listener.Dispose();
}
