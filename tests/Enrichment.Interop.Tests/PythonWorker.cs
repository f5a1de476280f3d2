using System.Diagnostics;
using Enrichment.TestKit;

namespace Enrichment.Interop.Tests;

/// <summary>The sample's worker as a process of its own.</summary>
internal sealed class PythonWorker : IAsyncDisposable
{
    public const string Key = "a key of the test's own";

    // The distribution's package psycopg2 is for the distribution's Python, which need not come first on PATH. As test.sh looks.
    private static readonly string[] Pythons = ["python3", "/usr/bin/python3"];

    private readonly Process process;

    private PythonWorker(Process process) => this.process = process;

    public int Id => process.Id;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="sample">The sample's folder.</param>
    /// <param name="calls">Where its vendor writes down who called.</param>
    /// <param name="arguments">Of the worker.</param>
    public static async Task<PythonWorker> StartAsync(string sample, string calls, string[] arguments)
    {
        var start = new ProcessStartInfo(await PythonAsync(), ["-B", Path.Combine(sample, "worker", "worker.py"), .. arguments])
        {
            RedirectStandardOutput = true,
            Environment = { ["WORKER_KEY"] = Key, ["VENDOR_LOG"] = calls, ["VENDOR_SECONDS"] = "0.2" },
        };
        var worker = new PythonWorker(Process.Start(start) ?? throw new InvalidOperationException("Python could not be started."));
        Assert.Equal("ready", await worker.process.StandardOutput.ReadLineAsync());
        return worker;
    }

    /// <summary>kill -9, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await ShellCommand.RunAsync(["kill", "-TERM", $"{Id}"], Path.GetTempPath(), CancellationToken.None);
        await process.WaitForExitAsync().WaitAsync(Wait.Patience, TimeProvider.System);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private static async Task<string> PythonAsync()
    {
        foreach (var python in Pythons)
        {
            try
            {
                await ShellCommand.RunAsync([python, "-I", "-c", "import psycopg2"], Path.GetTempPath(), CancellationToken.None);
                return python;
            }
            catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // The next one.
            }
        }

        throw new InvalidOperationException(
            "No Python with psycopg2 is here. Install it (sudo apt-get install python3-psycopg2), or run ./test.sh --interop, which does.");
    }
}
