using System.Net;
using System.Net.Sockets;
using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>Hosts that receive, each on a port that is its own across its deaths.</summary>
public sealed class ReceivingHosts : IAsyncDisposable
{
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
        return new(
            store,
            vendor,
            ports,
            await Task.WhenAll(ports.Select(port => WorkerProcess.StartReceivingAsync(store, port, vendor.Address))));
    }

    /// <summary>
    /// kill -9 of hosts that have calls out; holds all batches; then waits until the vendor has knocked at each dead host's door
    /// in vain. All but one are killed, so that an answer to a dead host's call does not need its sender, and one goes on; after
    /// a lease's time fewer will do, for a host that was just started may find that another holds every interval.
    /// </summary>
    /// <param name="journey">What they work on.</param>
    /// <param name="random">Chooses among those who have calls out.</param>
    /// <param name="stages">The stages whose calls count, as a list in SQL.</param>
    public async Task<DeadHosts> KillAsync(LeadJourney journey, Random random, string stages)
    {
        var dead = await StopAsync(journey, random, stages);
        var before = dead.ToDictionary(host => host, host => vendor.Missed(ports[host]));
        await Task.WhenAll(dead.Select(host => processes[host].KillAsync()));
        var calling = await CallingAsync(dead, stages);
        await journey.HoldAsync(true);

        // Either the door is found shut, or nothing is left that would knock there.
        await Wait.UntilAsync(
            () => dead.All(host => Knocked(host) || vendor.Soon(ports[host]) == 0),
            "an answer has found nobody",
            () => Log);
        return new(dead, calling.Count(Knocked));

        bool Knocked(int host) => vendor.Missed(ports[host]) > before[host];
    }

    /// <summary>
    /// Stops hosts that have calls out. Only of one that stands still can be said that it has calls out when it is killed, however long the
    /// look takes.
    /// </summary>
    private async Task<IReadOnlyList<int>> StopAsync(LeadJourney journey, Random random, string stages)
    {
        int[] all = [.. Enumerable.Range(0, Count)];
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            IReadOnlyList<int> chosen = [];
            random.Shuffle(all);
            await journey.UntilAsync(
                "hosts have calls out",
                async () =>
                {
                    chosen = [.. (await AnswersDueAsync(all, stages)).Take(Count - 1)];
                    return AreEnough(chosen);
                },
                this);
            Send(chosen, Signals.Stop);
            var due = await AnswersDueAsync(chosen, stages);
            var victims = AreEnough(due) ? due : [];
            Send(chosen.Except(victims), Signals.Continue);
            if (victims.Count > 0)
            {
                return victims;
            }
        }

        bool AreEnough(IReadOnlyList<int> hosts) =>
            hosts.Count == Count - 1 || (hosts.Count > 0 && TimeProvider.System.GetElapsedTime(began) > ChaosEngine.Lease);
    }

    private void Send(IEnumerable<int> hosts, int signal)
    {
        foreach (var host in hosts)
        {
            processes[host].Send(signal);
        }
    }

    /// <summary>Those of some hosts who have calls open, and whom the vendor is about to answer.</summary>
    private async Task<IReadOnlyList<int>> AnswersDueAsync(IEnumerable<int> some, string stages) =>
        [.. (await CallingAsync(some, stages)).Where(host => vendor.Soon(ports[host]) > 0)];

    /// <summary>Those of some hosts, dead or alive, who have calls open.</summary>
    private async Task<IReadOnlyList<int>> CallingAsync(IEnumerable<int> some, string stages)
    {
        var owners = (await store.QueryAsync($"select distinct owner from attempts where outcome is null and stage in ({stages})"))
            .Select(row => (string)row[0]!)
            .ToList();
        return [.. some.Where(host => owners.Any(owner => owner.Contains($"/{processes[host].Id}/", StringComparison.Ordinal)))];
    }

    /// <summary>Starts dead hosts again, at the addresses that their calls gave to the vendor.</summary>
    public Task StartAgainAsync(IEnumerable<int> dead) => Task.WhenAll(dead.Select(async host =>
    {
        await processes[host].DisposeAsync();
        processes[host] = await WorkerProcess.StartReceivingAsync(store, ports[host], vendor.Address);
        Assert.False(processes[host].HasExited, $"The host could not be started again:\n{processes[host].Log}");
    }));

    /// <summary>SIGTERM to all.</summary>
    public async Task TerminateAsync() =>
        Assert.All(await Task.WhenAll(processes.Select(process => process.TerminateAsync())), code => Assert.Equal(0, code));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }
    }

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

/// <summary>Hosts that were killed.</summary>
/// <param name="Hosts">Who.</param>
/// <param name="Hits">
/// How many of the kills hit: calls that the dead host had sent were open, and an answer found nobody. One that came too late does not
/// count.
/// </param>
public sealed record DeadHosts(IReadOnlyList<int> Hosts, int Hits);
