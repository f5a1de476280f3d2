using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>A worker as a process of its own, to be killed, stopped and terminated.</summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> log = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("ready", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        };
        process.ErrorDataReceived += (_, line) => log.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>What it logged, for a failure's message. Tells nothing of personal kind: the rows are made up.</summary>
    public string Log => string.Join('\n', log.TakeLast(60));

    /// <summary>Starts a worker and waits for its readiness line.</summary>
    public static Task<WorkerProcess> StartAsync(ChaosStore store, int claimSize = 500) =>
        StartAsync(store.Place, store.Folder, claimSize.ToString(CultureInfo.InvariantCulture));

    /// <summary>Starts a worker that also fills a typed table, and waits for its readiness line.</summary>
    public static Task<WorkerProcess> StartWithTableAsync(ChaosStore store, int claimSize = 100) =>
        StartAsync("tables", store.Place, store.Folder, claimSize.ToString(CultureInfo.InvariantCulture));

    /// <summary>Starts a worker that also builds a change of that table, and waits for its readiness line.</summary>
    public static Task<WorkerProcess> StartWithChangeAsync(ChaosStore store) => StartAsync("changed", store.Place, store.Folder, "100");

    /// <summary>Starts a host that acts on the versions of a typed table and ends, and waits for its readiness line.</summary>
    public static Task<WorkerProcess> StartChangingAsync(ChaosStore store, string journal, int generation, string act) =>
        StartAsync("change", store.Place, store.Folder, journal, generation.ToString(CultureInfo.InvariantCulture), act);

    /// <summary>Starts an operator, who ends after so many acts, and waits for its readiness line.</summary>
    public static Task<WorkerProcess> StartOperatorAsync(ChaosStore store, int seed, int acts) =>
        StartAsync(
            "operate",
            store.Place,
            store.Folder,
            seed.ToString(CultureInfo.InvariantCulture),
            acts.ToString(CultureInfo.InvariantCulture));

    /// <summary>Starts a host that also receives, and waits for its readiness line.</summary>
    public static Task<WorkerProcess> StartReceivingAsync(ChaosStore store, int port, Uri vendor) =>
        StartAsync("leads", store.Connection, port.ToString(CultureInfo.InvariantCulture), vendor.AbsoluteUri);

    /// <summary>Starts a host that shares a vendor's limit, and waits for its readiness line.</summary>
    public static Task<WorkerProcess> StartLimitedAsync(ChaosStore store, Uri vendor) =>
        StartAsync("limited", store.Connection, vendor.AbsoluteUri);

    private static async Task<WorkerProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Enrichment.Chaos.Worker.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var worker = new WorkerProcess(Process.Start(start) ?? throw new InvalidOperationException("The worker could not be started."));
        await Task.WhenAny(worker.ready.Task, worker.process.WaitForExitAsync());
        return worker;
    }

    public bool HasLogged(string text) => log.Any(line => line.Contains(text, StringComparison.Ordinal));

    public void Send(int signal) => Signals.Send(Id, signal);

    /// <summary>kill -9, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        Send(Signals.Terminate);
        return await ExitAsync();
    }

    /// <summary>Waits until the process ends by itself.</summary>
    public async Task<int> ExitAsync()
    {
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
}
