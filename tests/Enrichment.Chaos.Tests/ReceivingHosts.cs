using System.Net;
using System.Net.Sockets;
using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>Hosts that receive, each on a port that is its own across its deaths.</summary>
public sealed class ReceivingHosts : IAsyncDisposable
{
    // The company's and the person's, where each lead is asked for.
    private const string LeadStages = "3, 4";

    private readonly ChaosStore store;
    private readonly Vendor vendor;
    private readonly int[] ports;
    private readonly WorkerProcess[] processes;

    private ReceivingHosts(ChaosStore store, Vendor vendor, int[] ports, WorkerProcess[] processes)
    {
        this.store = store;
        this.vendor = vendor;
        this.ports = ports;
        this.processes = processes;
    }

    public int Count => processes.Length;

    public string Log => string.Join("\n\n", processes.Select(process => process.Log));

    public static async Task<ReceivingHosts> StartAsync(ChaosStore store, Vendor vendor, int count)
    {
        int[] ports = [.. Ports().Take(count)];
        return new(store, vendor, ports, await Task.WhenAll(ports.Select(port => WorkerProcess.StartReceivingAsync(store, port, vendor.Address))));
    }

    /// <summary>kill -9 of hosts that all have calls out; holds the batch, so that it does not end meanwhile; then waits until the vendor has knocked at each dead host's door in vain.</summary>
    /// <returns>How many kills hit: calls that the dead host had sent were open, and an answer found nobody. One that came too late does not count.</returns>
    public async Task<int> KillAsync(IReadOnlyList<int> victims, LeadJourney journey)
    {
        await journey.UntilAsync(
            "the hosts have calls out",
            async () =>
            {
                foreach (var host in victims)
                {
                    if (vendor.Soon(ports[host]) == 0 || await OpenCallsAsync(processes[host]) == 0)
                    {
                        return false;
                    }
                }

                return true;
            },
            this);
        var before = victims.ToDictionary(host => host, host => vendor.Missed(ports[host]));
        await Task.WhenAll(victims.Select(host => processes[host].KillAsync()));
        var open = new Dictionary<int, long>();
        foreach (var host in victims)
        {
            open[host] = await OpenCallsAsync(processes[host]);
        }

        await journey.OperateAsync((client, batch) => client.PauseAsync(batch));

        // Either the door is found shut, or nothing is left that would knock there.
        await Until.TrueAsync("an answer has found nobody", () => Task.FromResult(victims.All(host => Knocked(host) || vendor.Soon(ports[host]) == 0)), () => Log);
        return victims.Count(host => open[host] > 0 && Knocked(host));

        bool Knocked(int host) => vendor.Missed(ports[host]) > before[host];
    }

    /// <summary>Whether each of some hosts has calls of a stage open.</summary>
    public async Task<bool> HaveCallsOutAsync(IReadOnlyList<int> some, int stage)
    {
        foreach (var host in some)
        {
            if (await OpenCallsAsync(processes[host], $"{stage}") == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>kill -9 of some hosts.</summary>
    /// <returns>How many kills hit: calls of the stage that the host had sent were open.</returns>
    public async Task<int> KillAsync(IReadOnlyList<int> victims, int stage)
    {
        await Task.WhenAll(victims.Select(host => processes[host].KillAsync()));
        var open = await Task.WhenAll(victims.Select(host => OpenCallsAsync(processes[host], $"{stage}")));
        return open.Count(calls => calls > 0);
    }

    /// <summary>Starts dead hosts again, at the addresses that their calls gave to the vendor.</summary>
    public Task StartAgainAsync(IEnumerable<int> dead) => Task.WhenAll(dead.Select(async host =>
    {
        await processes[host].DisposeAsync();
        processes[host] = await WorkerProcess.StartReceivingAsync(store, ports[host], vendor.Address);
        Assert.False(processes[host].HasExited, $"The host could not be started again:\n{processes[host].Log}");
    }));

    /// <summary>SIGTERM to all.</summary>
    public async Task TerminateAsync() => Assert.All(await Task.WhenAll(processes.Select(process => process.TerminateAsync())), code => Assert.Equal(0, code));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }
    }

    private Task<long> OpenCallsAsync(WorkerProcess process, string stages = LeadStages) =>
        store.NumberAsync($"select count(*) from attempts where outcome is null and owner like '%/{process.Id}/%' and stage in ({stages})");

    /// <summary>Free ports below those that the system hands out to connections, which might take one while its host is dead.</summary>
    private static IEnumerable<int> Ports()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 30_000);
            var free = true;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
            }
            catch (SocketException)
            {
                free = false;
            }

            if (free)
            {
                yield return port;
            }
        }
    }
}
