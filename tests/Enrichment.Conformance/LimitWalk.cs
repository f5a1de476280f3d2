using Enrichment.Pipelines;
using Enrichment.RateLimiting;
using Enrichment.Storage;
using Enrichment.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Enrichment.Conformance;

/// <summary>
/// A minute of a vendor that allows fifty calls a second: four hosts and three clients, the engine's own gates over the store's own
/// statements, on a clock that steps. One host dies in the middle with what it holds.
/// </summary>
internal sealed class LimitWalk(Scene scene, int seed)
{
    private const int Hosts = 4;
    private const double Rate = 50;

    private static readonly string[] Clients = ["acme", "globex", "initech"];
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(2);

    private readonly CallLimits limits = new() { Name = "vendor", Shared = true, Rate = Rate, Burst = 12 };
    private readonly Random random = new(seed);
    private readonly List<(string Client, int Host, TimeSpan At)> calls = [];
    private int dead = -1;

    private FakeClock Clock => scene.Clock;

    public async Task RunAsync()
    {
        var begun = Clock.GetUtcNow();
        var loops = Enumerable
            .Range(0, Hosts)
            .SelectMany(host => Clients.Select(client => new ClaimLoop(host, client, Gate(host, client))))
            .ToList();
        while (Clock.GetUtcNow() - begun < Minute)
        {
            if (dead < 0 && Clock.GetUtcNow() - begun > Minute / 2)
            {
                // In the middle of a block.
                dead = loops.Find(loop => loop.Lease is { Left: > 3 })?.Host ?? dead;
            }

            foreach (var loop in loops.Where(loop => loop.Host != dead && loop.Working.IsCompleted).OrderBy(_ => random.Next()))
            {
                await loop.Working;
                await loop.Gate.ReturnAsync();
                if (loop.Gate.Rest == TimeSpan.Zero && await loop.Gate.AcquireAsync(100, default) is { } turn)
                {
                    loop.Lease = turn;
                    loop.Working = WorkAsync(loop, turn, begun);
                }
            }

            Clock.Advance(Step);
        }

        Check();
    }

    private DistributedRateLimiter Gate(int host, string client) => new(
        scene.Store, new(Clock, NullLogger.Instance), LimitKey.Of(null, $"{limits.Name}.{seed}"), limits, new() { MaxTries = 1 }, client,
        new($"host {host}", () => new() { Lease = Times.Lease }, new(Clock, NullLogger.Instance, new(Clock))));

    private async Task WorkAsync(ClaimLoop loop, RateLimitLease turn, DateTimeOffset begun)
    {
        using (turn)
        {
            // Items are claimed, attempts written.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(5, 40)), Clock);
            await Task.WhenAll(Enumerable.Range(0, turn.Left).Select(_ => CallAsync(loop, turn, begun)).ToList());
        }
    }

    private async Task CallAsync(ClaimLoop loop, RateLimitLease turn, DateTimeOffset begun)
    {
        if (await turn.EnterAsync() is not { } slot)
        {
            return;
        }

        if (loop.Host != dead)
        {
            calls.Add((loop.Client, loop.Host, Clock.GetUtcNow() - begun));
        }

        // One client's calls take longer than the others'.
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, loop.Client == Clients[0] ? 400 : 60)), Clock);
        slot.Note(StepOutcome.NotFound());
        slot.End();
    }

    private void Check()
    {
        var times = calls.Select(call => call.At).Order().ToList();
        Expect.That(dead >= 0, "a host died in the middle of a block");
        Expect.That(times.Count >= 0.95 * Rate * Minute.TotalSeconds, $"seed {seed}: {times.Count} calls are 95 % of what is allowed");

        // Half of the burst is the way's, which there is none of here.
        for (var (first, last) = (0, 0); last < times.Count; last++)
        {
            while (times[last] - times[first] >= TimeSpan.FromSeconds(1))
            {
                first++;
            }

            Expect.That(
                last - first + 1 <= Rate + (limits.Burst!.Value / 2),
                $"seed {seed}: {last - first + 1} calls in the second to {times[last]} are no more than the rate and half of the burst");
        }

        var shares = Clients.Select(client => calls.Count(call => call.Client == client)).ToList();
        Expect.That(
            shares.Max() - shares.Min() <= 0.1 * shares.Max(),
            $"seed {seed}: the shares of the clients, {string.Join(", ", shares)}, are alike");
        var longest = times.Zip(times.Skip(1), (one, next) => next - one).Max();
        Expect.That(
            longest < TimeSpan.FromMilliseconds(500),
            $"seed {seed}: the longest silence, {longest}, is shorter than a block and what is late of it");
    }

    private sealed class ClaimLoop(int host, string client, DistributedRateLimiter gate)
    {
        public int Host => host;

        public string Client => client;

        public DistributedRateLimiter Gate => gate;

        public RateLimitLease? Lease { get; set; }

        public Task Working { get; set; } = Task.CompletedTask;
    }
}
