using Enrichment.External;

namespace Enrichment.Conformance;

/// <summary>
/// Four external workers call a vendor that allows fifty calls a second, through two hosts, for twenty seconds of a fake clock. One worker
/// dies before it has made all its calls.
/// </summary>
internal sealed class WorkerLimitWalk(Scene scene, int seed)
{
    private const double Rate = 50;
    private const int Burst = 12;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(2);

    private readonly Random random = new(seed);
    private readonly List<TimeSpan> calls = [];

    public async Task RunAsync()
    {
        using var one = await LimitedTasks.OpenAsync(scene, new() { Rate = Rate, Burst = Burst }, rows: 1500);
        using var other = one.OfAnotherHost();
        List<Worker> workers = [new("1", one), new("2", other), new("3", one), new("4", other)];
        Worker? dead = null;
        var begun = scene.Clock.GetUtcNow();
        for (var now = TimeSpan.Zero; now < Length; now = scene.Clock.GetUtcNow() - begun)
        {
            if (dead is null && now > Length / 2 && workers.Find(worker => worker.Departures.Count(at => at > now) > 2) is { } victim)
            {
                dead = victim;
                workers.Remove(victim);
                calls.RemoveAll(at => at > now && victim.Departures.Contains(at));
            }

            foreach (var worker in workers.Where(worker => worker.Until <= now))
            {
                await WorkAsync(worker, now);
            }

            scene.Clock.Advance(Step);
        }

        Check(dead is not null);
    }

    private async Task WorkAsync(Worker worker, TimeSpan now)
    {
        if (worker.Work is { } done)
        {
            worker.Work = null;
            await worker.Tasks.SayAsync(done, items: ..worker.Departures.Count);
                        await worker.Tasks.ReleaseAsync(done); // Items whose call came too late, if there are any.
        }

        var (work, wait) = await worker.Tasks.OfferAsync(worker.Name, random.Next(3, 15));
        worker.Departures = [];
        worker.Until = now + (wait ?? Step);
        if (work is null)
        {
            return;
        }

                // The answer takes some time to arrive, and a worker's threads are not exact.
        var arrived = now + TimeSpan.FromMilliseconds(random.Next(1, 30));
        worker.Work = work;
        worker.Departures =
        [
            .. work.Items.Select(item =>
                arrived
                + TimeSpan.FromSeconds(
                    item.CallAfterSeconds!.Value + (random.NextDouble() * (item.CallBySeconds!.Value - item.CallAfterSeconds!.Value)))),
        ];
        worker.Until = worker.Departures.Max() + TimeSpan.FromMilliseconds(random.Next(20, 100));
        calls.AddRange(worker.Departures);
    }

    private void Check(bool died)
    {
        calls.Sort();
        calls.RemoveAll(at => at >= Length);
        Expect.That(died, "a worker died with calls in hand");
        Expect.That(calls.Count >= 0.9 * Rate * Length.TotalSeconds, $"{calls.Count} calls are at least 90 % of the allowed number");

        // Half of the burst is for the time that a call takes to the vendor. Calls take no time here.
        for (var (first, last) = (0, 0); last < calls.Count; last++)
        {
            while (calls[last] - calls[first] >= TimeSpan.FromSeconds(1))
            {
                first++;
            }

            Expect.That(
                last - first + 1 <= Rate + (Burst / 2),
                $"{last - first + 1} calls in the second to {calls[last]} are no more than the rate and half of the burst");
        }
    }

    private sealed class Worker(string name, LimitedTasks tasks)
    {
        public string Name => name;

        public LimitedTasks Tasks => tasks;

        public ExternalTask? Work { get; set; }

        public List<TimeSpan> Departures { get; set; } = [];

        public TimeSpan Until { get; set; }
    }
}
