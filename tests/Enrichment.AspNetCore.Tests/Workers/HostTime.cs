using Enrichment.Testing;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>
/// A host's clock: it runs, and goes on with the store's whenever a test advances that. So a host that rests until a date of the store
/// need not be waited for.
/// </summary>
internal sealed class HostTime(FakeClock store) : TimeProvider
{
    private readonly DateTimeOffset start = store.GetUtcNow();
    private long skipped;

    private TimeSpan Advanced => store.GetUtcNow() - start + TimeSpan.FromTicks(Volatile.Read(ref skipped));

    /// <summary>Lets time pass for the host alone, as while it waits for the store's answer.</summary>
    public void Skip(TimeSpan time) => Interlocked.Add(ref skipped, time.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Advanced;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(Advanced.TotalSeconds * System.TimestampFrequency);
}
