using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>
/// A seeded mix of hosts, clients, batches, priorities and speeds: the engine's own rule for sharing loops over the store's own statements,
/// and a clock that jumps from the end of one interval to the next. Small batches arrive while large ones are worked on; each is held to
/// the bound that the documentation states.
/// </summary>
internal sealed class FairnessWalk
{
    private const int ClaimSize = 10;
    private const int Intervals = 60;
    private const short Stages = 3;

    private readonly Scene scene;
    private readonly int seed;
    private readonly Random random;
    private readonly List<FairnessHost> hosts;
    private readonly List<FairnessWork> large = [];
    private readonly PriorityQueue<FairnessInterval, DateTimeOffset> running = new();
    private FairnessWork? small;
    private int arrivals;
    private TimeSpan longest;

    public FairnessWalk(Scene scene, int seed)
    {
        this.scene = scene;
        this.seed = seed;
        random = new(seed);
        hosts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new FairnessHost(random.Next(1, 4), scene.Clock))];
    }

    private IEnumerable<IGrouping<string, FairnessWork>> Clients => large.GroupBy(work => work.Batch.Client);

    public async Task RunAsync()
    {
        try
        {
            await LaunchLargeAsync();
            while (large.All(work => work.Intervals < Intervals))
            {
                await FillAsync();
                if (small is null && random.Next(8) == 0)
                {
                    await ArriveAsync();
                }

                await EndNextAsync();
            }

            CheckShares();
            foreach (var work in small is null ? large : [.. large, small])
            {
                await scene.Store.CancelAsync(work.Batch.Key, default);
            }
        }
        catch (Exception exception)
        {
            throw new ConformanceException($"Fairness walk, seed {seed}: {exception.Message}", exception);
        }
    }

    /// <summary>Two to four clients whose work does not end; the first has two batches.</summary>
    private async Task LaunchLargeAsync()
    {
        var clients = random.Next(2, 5);
        for (var client = 0; client < clients; client++)
        {
            var upload = await scene.UploadAsync((Intervals + 20) * ClaimSize, $"large-{seed}-{client}");
            for (var batch = 0; batch < (client == 0 ? 2 : 1); batch++)
            {
                large.Add(await LaunchAsync(upload, stages: 1));
            }
        }
    }

    /// <summary>A batch of ten, of a client that had nothing or of the one that has most.</summary>
    private async Task ArriveAsync()
    {
        var host = hosts.Find(host => host.Free > 0);
        var guest = random.Next(2) == 0;
        small = await LaunchAsync(
            await scene.UploadAsync(ClaimSize, guest ? $"small-{seed}-{arrivals}" : large[0].Batch.Client, $"small {seed} {arrivals}"),
            Stages);
        arrivals++;
        hosts.ForEach(each => each.Given.Clear());
        await FillAsync();
        Expect.That(!guest || host is null || small.Intervals > 0, "a client that had nothing begins at once where a loop is free");
    }

    private async Task<FairnessWork> LaunchAsync(Upload upload, int stages)
    {
        var priority = Pick<short>([1, 5, 10, 40]);
        var batch = await scene.LaunchAsync(upload, stages, key: $"{seed} {large.Count} {arrivals}", priority: priority);
        return new(batch, priority, stages, TimeSpan.FromMilliseconds(random.Next(5, 50)), scene.Clock.GetUtcNow());
    }

    /// <summary>All loops that are free look for work at the same moment, so that what one takes is news to the next.</summary>
    private async Task FillAsync()
    {
        var due = (await scene.Store.FindDueAsync([], default)).Batches;
        foreach (var host in hosts.OrderBy(_ => random.Next()))
        {
            while (host.Free > 0 && await AcquireAsync(host, due) is { } interval)
            {
                Begin(interval);
            }
        }
    }

    private async Task<FairnessInterval?> AcquireAsync(FairnessHost host, IReadOnlyList<DueBatch> due)
    {
        var tried = new HashSet<int>();
        while (host.Share.Next(due, tried) is { } turn)
        {
            var work = turn.Batch == small?.Batch.Key ? small : large.Single(each => each.Batch.Key == turn.Batch);
            foreach (var candidate in await scene.Store.FindCandidatesAsync(turn.Batch, [], 8, default))
            {
                if (await scene.Store.ClaimAsync(Scene.Claiming(candidate, work.Batch, ClaimSize), default) is { } claim)
                {
                    return new(host, turn, work, claim, scene.Clock.GetUtcNow());
                }
            }

            turn.Dispose();
            tried.Add(turn.Batch);
        }

        return null;
    }

    private void Begin(FairnessInterval interval)
    {
        interval.Host.Running.Add(interval);
        interval.Work.Intervals++;
        longest = interval.Length > longest ? interval.Length : longest;
        running.Enqueue(interval, interval.End);
        if (small is { Intervals: 0 })
        {
            // Before a newcomer's turn each rival has one at most: of all clients if its own had nothing, else of the batches of its own.
            var earlier = IsGuest(small)
                ? interval.Host.Given.Count(given => given.Batch.Client == interval.Work.Batch.Client)
                : interval.Host.Given.Count(given => given == interval.Work && given.Batch.Client == small.Batch.Client);
            Expect.Equal(
                0,
                earlier,
                $"the earlier turns of batch {interval.Work.Batch.Key} or its client while batch {small.Batch.Key} waits for its first");
            interval.Host.Given.Add(interval.Work);
        }
    }

    private async Task EndNextAsync()
    {
        var interval = running.Dequeue();
        scene.Clock.Advance(interval.End - scene.Clock.GetUtcNow());
        var (lease, items) = interval.Claim;
        var advances = lease.Range.Stage < interval.Work.Stages;
        Expect.Equal(items.Count, (await scene.CommitAsync(lease, items.Select(item => Commits.Completed(item, advances)))).Count);
        Expect.That(await scene.Store.ReleaseAsync(lease, evenIfDue: false, default));
        interval.ScheduledSlot.Dispose();
        interval.Host.End(interval);
        if (interval.Work == small && lease.Range.Stage == Stages)
        {
            // Each stage of a batch waits for one interval of each client at most, its own included.
            var took = interval.End - small.Arrived;
            var most = (longest + interval.Length) * Stages * (Clients.Count() + 1);
            Expect.That(!IsGuest(small) || took <= most, $"a batch of ten, which took {took}, ends within {most}");
            small = null;
        }
    }

    /// <summary>
    /// What each has had of a host's loops while all had work: clients alike, the batches of one by their priorities, to a few intervals.
    /// </summary>
    private void CheckShares()
    {
        foreach (var host in hosts)
        {
            var few = (host.MaxConcurrentClaims + 2) * longest;
            var clients = Clients.Select(client => host.Had(work => work.Batch.Client == client.Key)).ToList();
            Expect.That(
                clients.Max() - clients.Min() <= few,
                $"the shares of clients, {string.Join(", ", clients)}, differ by {few} at most");

            var (one, two) = (large[0], large[1]);
            var (first, second) = (host.Had(work => work == one) / one.Priority, host.Had(work => work == two) / two.Priority);
            few = (few / one.Priority) + (few / two.Priority);
            Expect.That(
                (first - second).Duration() <= few,
                $"the shares of a client's batches by their priorities, {first} and {second}, differ by {few} at most");
        }
    }

    private bool IsGuest(FairnessWork work) => work.Batch.Client != large[0].Batch.Client;

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
