using System.Globalization;
using System.Text;
using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>Four processes that share one vendor's limit for three clients.</summary>
/// <remarks>
/// A call may be held up on its way on a machine that has more to do than it can, but no call leaves before its moment. So from the
/// beginning on no more calls have left at any time than the rate allows: that holds at any speed. What happens within a second, and how
/// much is used, is asserted on a machine that does nothing else.
/// </remarks>
public sealed class LimitTests
{
    private const int Hosts = 4;

    private static readonly double Rate = double.Parse(LimitedStep.Rate, CultureInfo.InvariantCulture);
    private static readonly int Burst = int.Parse(LimitedStep.Burst, CultureInfo.InvariantCulture);
    private static readonly string[] Clients = ["acme", "globex", "initech"];
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // Calls for each client, so many that hosts which do not share the limit are found out, though none left while they started.
    private static readonly int Enough = (int)(Size.LimitSeconds * Rate / 8);

    [Fact]
    public async Task Hosts_use_up_a_shared_limit_alike_for_all_clients_though_one_is_killed()
    {
        await using var store = await ChaosStore.CreateAsync("postgres");
        await using var vendor = await LimitedVendor.StartAsync();
        await LaunchAsync(store);
        var started = vendor.Now;
        var hosts = await Task.WhenAll(Enumerable.Range(0, Hosts).Select(_ => WorkerProcess.StartLimitedAsync(store, vendor.Address)));
        try
        {
            await Wait.UntilAsync(
                () => vendor.Calls.Select(call => call.Host).Distinct().Count() == Hosts,
                "every host has called",
                () => hosts[0].Log);

            if (Size.IsSoak)
            {
                // What one client had while other hosts were starting is made up for, and forgotten after five seconds.
                await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
            }

            var began = vendor.Now;
            await PassAsync(vendor, began, () => hosts[0].Log);
            await hosts[0].KillAsync();
            var killed = vendor.Now;
            await PassAsync(vendor, killed, () => hosts[1].Log);
            Assert.DoesNotContain(vendor.Calls, call => call.Host == hosts[0].Id && call.Left > killed);
            CheckFromTheBeginning([.. vendor.Calls.Select(call => call.Left).Order()], started);
            if (Size.IsSoak)
            {
                Check([.. vendor.Calls.Where(call => call.At >= began).OrderBy(call => call.At)], began, vendor.Now, killed);
            }
        }
        finally
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }
        }
    }

    /// <summary>Waits until every client was called for often enough since a moment; in a soak for half of its time.</summary>
    private static Task PassAsync(LimitedVendor vendor, TimeSpan since, Func<string> log) => Size.IsSoak
        ? Task.Delay(Second * Size.LimitSeconds / 2, TimeProvider.System)
        : Wait.UntilAsync(
            () => Array.TrueForAll(Clients, client => vendor.Calls.Count(call => call.Client == client && call.Left > since) >= Enough),
            "every client was called for",
            log);

    private static void CheckFromTheBeginning(List<TimeSpan> left, TimeSpan started)
    {
        for (var call = 0; call < left.Count; call++)
        {
            var allowed = (Rate * (left[call] - started).TotalSeconds) + Burst;
            Assert.True(call + 1 <= allowed, $"{call + 1} calls had left after {left[call] - started}, where {allowed:0} were allowed.");
        }
    }

    private static void Check(List<LimitedCall> calls, TimeSpan began, TimeSpan ended, TimeSpan killed)
    {
        var left = MostInASecond(calls.Select(call => call.Left));
        Assert.True(left <= Rate + Burst, $"{left} calls left within a second.");

        // Half of the burst is the way's, if its length differs by no more than that: on a machine that has more to do than it can, calls
        // pile up before the vendor.
        var differs = calls.Max(call => call.At - call.Left) - calls.Min(call => call.At - call.Left);
        var came = MostInASecond(calls.Select(call => call.At));
        Assert.True(
            came <= Rate + Math.Max(Burst, (Burst / 2) + (Rate * differs.TotalSeconds) + 1),
            $"{came} calls came within a second, on ways whose length differs by {differs}.");

        // Those who are left use up what the dead host had, after its block at the latest.
        var afterwards = calls.Where(call => call.Left > killed).OrderBy(call => call.Left).ToList();
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
            var upload = await client.StageAsync(csv.ToString());
            await client.LaunchAsync(upload.Id, new() { Pipeline = LimitedEngine.Pipeline });
        }
    }
}
