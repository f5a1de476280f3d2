using System.Diagnostics;
using System.Globalization;

namespace Enrichment.Benchmarks.Measuring;

/// <summary>What a piece of work cost this process.</summary>
/// <param name="Elapsed">By the wall.</param>
/// <param name="Cpu">Of all threads.</param>
/// <param name="Allocated">Bytes on the managed heap.</param>
/// <param name="PeakMemory">The highest resident set meanwhile, in bytes.</param>
internal readonly record struct ProcessFigures(TimeSpan Elapsed, TimeSpan Cpu, long Allocated, long PeakMemory);

/// <summary>Measures this process from its making until <see cref="Stop"/>.</summary>
internal sealed class Meter
{
    private readonly Process process = Process.GetCurrentProcess();
    private readonly TimeSpan cpu;
    private readonly long allocated;
    private readonly long started;

    public Meter()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // What an earlier piece of work took is given back.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5"); // Begins a new peak; see proc(5).
        allocated = GC.GetTotalAllocatedBytes();
        cpu = process.TotalProcessorTime;
        started = Stopwatch.GetTimestamp();
    }

    public ProcessFigures Stop()
    {
        var elapsed = Stopwatch.GetElapsedTime(started);
        process.Refresh();
        return new(elapsed, process.TotalProcessorTime - cpu, GC.GetTotalAllocatedBytes() - allocated, Peak());
    }

    private static long Peak()
    {
        var line = File.ReadLines("/proc/self/status").Single(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024
            * long.Parse(
                line.AsSpan(6, line.Length - 9),
                NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture);
    }
}
