using System.Globalization;
using System.Text;
using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>Four processes that share one vendor's limit for three clients.</summary>
public sealed class LimitTests
{
    private const int Hosts = 4;

    private static readonly double Rate = double.Parse(LimitedStep.Rate, CultureInfo.InvariantCulture);
    private static readonly int Burst = int.Parse(LimitedStep.Burst, CultureInfo.InvariantCulture);
    private static readonly string[] Clients = ["acme", "globex", "initech"];
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Hosts_use_up_a_shared_limit_never_beyond_its_burst_and_alike_for_all_clients_though_one_is_killed()
    {
        await using var store = await ChaosStore.CreateAsync("postgres");
        await using var vendor = await LimitedVendor.StartAsync();
        await LaunchAsync(store);
        var hosts = await Task.WhenAll(Enumerable.Range(0, Hosts).Select(_ => WorkerProcess.StartLimitedAsync(store, vendor.Address)));
        try
        {
            await Until.TrueAsync("every host has called", () => Task.FromResult(vendor.Calls.Select(call => call.Host).Distinct().Count() == Hosts), () => hosts[0].Log);

            // What one client had while other hosts were starting is made up for, and forgotten after five seconds.
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
            var began = vendor.Now;
            await Task.Delay(Second * Size.LimitSeconds / 2, TimeProvider.System);

            var killed = vendor.Now;
            await hosts[0].KillAsync();
            await Task.Delay(Second * Size.LimitSeconds / 2, TimeProvider.System);
            Check([.. vendor.Calls.Where(call => call.At >= began).OrderBy(call => call.At)], began, vendor.Now, killed, hosts[0].Id);
        }
        finally
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }
        }
    }

    private static void Check(List<LimitedCall> calls, TimeSpan began, TimeSpan ended, TimeSpan killed, int dead)
    {
        var left = MostInASecond(calls.Select(call => call.Left));
        Assert.True(left <= Rate + Burst, $"{left} calls left within a second.");

        // Half of the burst is the way's, if its length differs by no more than that: on a machine that has more to do than it can, calls pile up before the vendor.
        var differs = calls.Max(call => call.At - call.Left) - calls.Min(call => call.At - call.Left);
        var came = MostInASecond(calls.Select(call => call.At));
        Assert.True(came <= Rate + Math.Max(Burst, (Burst / 2) + (Rate * differs.TotalSeconds) + 1), $"{came} calls came within a second, on ways whose length differs by {differs}.");

        // Those who are left use up what the dead host had, after its block at the latest.
        var afterwards = calls.Where(call => call.Left > killed).OrderBy(call => call.Left).ToList();
        Assert.DoesNotContain(afterwards, call => call.Host == dead && call.Left > killed + Second);
        Assert.Equal(Clients.Order(), calls.Select(call => call.Client).Distinct().Order());
        if (!Size.IsSoak)
        {
            return; // How much is used, and how evenly, depends on how fast the machine is.
        }

        var allowed = Rate * (ended - began).TotalSeconds;
        Assert.True(calls.Count >= 0.95 * allowed, $"{calls.Count} calls came where {allowed:0} were allowed.");

        var silence = afterwards.Zip(afterwards.Skip(1), (one, next) => next.Left - one.Left).Max();
        Assert.InRange(silence, TimeSpan.Zero, TimeSpan.FromMilliseconds(600));

        var shares = Clients.Select(client => calls.Count(call => call.Client == client)).ToList();
        Assert.True(shares.Max() - shares.Min() <= 0.15 * shares.Max(), $"The clients had {string.Join(", ", shares)} calls.");
    }

    private static int MostInASecond(IEnumerable<TimeSpan> unordered)
    {
        var (times, most) = (unordered.Order().ToList(), 0);
        for (var (first, last) = (0, 0); last < times.Count; last++)
        {
            while (times[last] - times[first] >= Second)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private static async Task LaunchAsync(ChaosStore store)
    {
        await using var engine = LimitedEngine.Create(store.Connection);
        await engine.MigrateAsync();
        foreach (var name in Clients)
        {
            var csv = new StringBuilder("Company Name,Website\n");
            for (var row = 0; row < (Size.LimitSeconds + 20) * Rate; row++)
            {
                csv.Append(CultureInfo.InvariantCulture, $"{name},https://{name}-{row}.example.com\n");
            }

            var client = engine.Client(name);
            var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), "apollo_scrape");
            await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = LimitedEngine.Pipeline });
        }
    }
}
