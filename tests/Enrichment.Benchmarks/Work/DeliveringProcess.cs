using System.Diagnostics;
using System.Globalization;

namespace Enrichment.Benchmarks.Work;

/// <summary>What a vendor saw of a run of deliveries.</summary>
/// <param name="Seconds">From the first request to the last acknowledgement.</param>
/// <param name="Median">Of the acknowledgements, in milliseconds.</param>
/// <param name="P99">Likewise.</param>
internal readonly record struct Delivered(double Seconds, double Median, double P99);

/// <summary>The vendor, in a process of its own that lives through all runs; see <see cref="Scenarios.DeliverCommand"/>.</summary>
internal sealed class DeliveringProcess(int connections) : IDisposable
{
    private readonly Process process = ThisProgram.Start("deliver", "--connections", connections.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sends every request of a file to a port of this machine.</summary>
    public async Task<Delivered> DeliverAsync(string requests, int port)
    {
        await process.StandardInput.WriteLineAsync($"{port} {requests}");
        var line =
            await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The run is void: the vendor's process ended; what it said stands above.");
        var figures = line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new(figures[0], figures[1], figures[2]);
    }

    /// <summary>Its standard input ends, and with it the process.</summary>
    public void Dispose() => process.Dispose();
}
