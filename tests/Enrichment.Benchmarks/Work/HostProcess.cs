using System.Diagnostics;

namespace Enrichment.Benchmarks.Work;

/// <summary>This program again, as a worker host in a process of its own; see <see cref="Scenarios.HostCommand"/>.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process process;

    private HostProcess(Process process) => this.process = process;

    /// <summary>Starts a host and waits until its code is compiled.</summary>
    public static async Task<HostProcess> StartAsync(string warmUp, string database)
    {
        var process = ThisProgram.Start("host", "--warm-up", warmUp, "--database", database);
        return await process.StandardOutput.ReadLineAsync() is not null
            ? new(process)
            : throw new InvalidOperationException("The run is void: a host ended before it was ready; what it said stands above.");
    }

    public void Go() => process.StandardInput.WriteLine();

    public async Task EndAsync()
    {
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The run is void: a host ended with {process.ExitCode}; what it said stands above.");
        }
    }

    /// <summary>Its standard input ends, and with it the host, if it still lives.</summary>
    public void Dispose() => process.Dispose();
}
