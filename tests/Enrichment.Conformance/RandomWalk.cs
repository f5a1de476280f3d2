using System.Globalization;
using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>
/// Several hosts, an operator, a sweeper and the clock, all played by one seeded thread. It knows for every commit whether it must win or
/// be lost.
/// </summary>
internal sealed class RandomWalk
{
    private const int Stages = 3;
    private readonly Scene scene;
    private readonly int seed;
    private readonly Random random;
    private readonly StateLedger ledger = new();
    private readonly RandomCalls calls;
    private readonly RandomControls controls;
    private readonly List<string> log = [];
    private readonly List<Batch> batches = [];
    private readonly List<Holding> held = [];
    private readonly List<Holding> stale = [];

    public RandomWalk(Scene scene, int seed)
    {
        (this.scene, this.seed) = (scene, seed);
        random = new(seed);
        calls = new(scene, random, ledger, Stages, Log);
        controls = new(scene, random, batches, Stages, Log);
    }

    public async Task RunAsync(int operations)
    {
        try
        {
            await LaunchAsync();
            for (var i = 0; i < operations; i++)
            {
                await StepAsync();
                await ObserveAsync();
                if (i % 10 == 9)
                {
                    // A suspect interval dates its range at its host's loss, later than what was due inside before: the doctor takes that
                    // for hidden until it is claimed.
                    Expect.Empty(
                        (await scene.Store.ExamineAsync(default)).Where(f => f.Check != "1_stuck"),
                        "what the doctor found on the way");
                }
            }

            await DrainAsync();
            await scene.ExpectHealthyAsync();
        }
        catch (Exception exception)
        {
            throw new ConformanceException(
                $"Random walk, seed {seed}: {exception.Message}{Environment.NewLine}{string.Join(Environment.NewLine, log.TakeLast(25))}",
                exception);
        }
    }

    // Two batches over one upload, its rows on both sides of a bucket's border.
    private async Task LaunchAsync()
    {
        var upload = await scene.UploadAsync(1_020, content: "walk");
        batches.Add(await scene.LaunchAsync(upload, Stages, $"walk {seed} large", [.. Enumerable.Range(986, 30)]));
        batches.Add(await scene.LaunchAsync(upload, Stages, $"walk {seed} small", [.. Enumerable.Range(998, 6)]));
        await ObserveAsync();
    }

    // Every other walk is mostly about calls that are answered later.
    private Task StepAsync() => random.Next(seed % 2 == 0 ? 300 : 120) switch
    {
        >= 260 => ClaimAsync(),
        >= 210 => SendAsync(),
        >= 170 => AnswerAsync(),
        >= 140 => TakeDueTimersAsync(),
        >= 120 => AdvanceClockAsync(),
        >= 114 => SendAsync(),
        >= 110 => calls.ReceiveAsync(),
        >= 105 => InterpretAsync(),
        >= 100 => AnswerAsync(),
        < 22 => ClaimAsync(),
        < 50 => CommitAsync(),
        < 58 => BeginAsync(),
        < 64 => ReadAgainAsync(),
        < 70 => ReleaseAsync(),
        < 80 => AdvanceClockAsync(),
        < 84 => RenewAsync(),
        < 88 => CommitStaleAsync(),
        < 92 => SweepAsync(all: false),
        < 94 => controls.RetryAsync(),
        < 96 => controls.ResolveAsync(),
        < 98 => controls.PauseAsync(),
        < 99 => CancelAsync(),
        _ => CompleteAsync(),
    };

    private async Task ClaimAsync()
    {
        var due = (await scene.Store.FindDueAsync([], default)).Batches.Where(d => batches.Any(b => b.Key == d.Batch)).ToList();
        if (due.Count == 0)
        {
            return;
        }

        var chosen = Pick(due).Batch;
        var batch = batches.Single(b => b.Key == chosen);
        var candidate = Pick(await scene.Store.FindCandidatesAsync(batch.Key, [], 10, default));
        var owner = $"host {random.Next(3)}";
        if (await scene.Store.ClaimAsync(Scene.Claiming(candidate, batch, limit: random.Next(1, 13), owner: owner), default) is { } claim)
        {
            var holding = new Holding(claim.Lease, batch, owner) { Until = scene.Clock.GetUtcNow() + Times.Lease };
            Expect.That(
                !held.Any(h => h.Lease.Range == claim.Lease.Range && h.Lease.Lo <= claim.Lease.Hi && claim.Lease.Lo <= h.Lease.Hi),
                $"the new lease {holding} overlaps none that lives");
            holding.Take(claim.Items);
            held.Add(holding);
            Log($"claimed by {holding}");
        }
    }

    private async Task CommitAsync()
    {
        if (Held(h => h.Items.Count > 0) is not { } holding)
        {
            return;
        }

        var begun = holding.Begun.Count > 0 && random.Next(3) > 0;
        var items = holding.Items.Values.Where(i => holding.Begun.Contains(i.Item) == begun && random.Next(4) > 0).ToList();
        var changed = await scene.CommitAsync(
            holding.Lease,
            items.Select(i => Outcome(i, holding.Lease.Range.Stage)),
            begun,
            holding.Owner);
        Log($"committed {items.Count} by {holding}");
        Expect.Sequence(items.Select(i => i.Item).Order(), changed.Order(), "what a commit under a live lease changes");
        foreach (var item in items)
        {
            holding.Items.Remove(item.Item);
            holding.Begun.Remove(item.Item);
        }
    }

    private async Task CommitStaleAsync()
    {
        var dead = stale.Concat(held.Where(h => !Lives(h))).ToList();
        if (dead.Count == 0)
        {
            return;
        }

        var holding = Pick(dead);
        holding.HasAnswered = true;
        foreach (var begun in new[] { true, false })
        {
            var items = holding.Items.Values.Where(i => holding.Begun.Contains(i.Item) == begun);
            Log($"stale commit by {holding}");
            await calls.SendStaleAsync(holding);
            Expect.Empty(
                await scene.CommitAsync(
                    holding.Lease,
                    items.Select(i => Commits.Completed(i, advances: holding.Lease.Range.Stage < Stages)),
                    begun,
                    holding.Owner),
                "what a stale commit changes");
        }
    }

    private Task SendAsync() => Held(h => h.Items.Count > h.Begun.Count) is { } holding ? calls.SendAsync(holding) : Task.CompletedTask;

    private async Task AnswerAsync()
    {
        if (await calls.AnswerAsync() is { } settled)
        {
            Overtake([settled]);
        }
    }

    private async Task InterpretAsync() => Overtake(await calls.InterpretAsync(random.Next(1, 6)));

    private async Task TakeDueTimersAsync() => Overtake(await calls.TakeDueTimersAsync());

    // What an earlier attempt's answer has completed is stale in the hands of who claimed it to try again.
    private void Overtake(IReadOnlyList<(RangeKey Range, IReadOnlyList<int> Completed)> settled)
    {
        foreach (var (range, completed) in settled.Where(s => s.Completed is { Count: > 0 }))
        {
            foreach (var holding in held.Where(h => h.Lease.Range == range))
            {
                MakeStale(holding, [.. completed.Where(holding.Items.ContainsKey)]);
            }
        }
    }

    private void MakeStale(Holding holding, List<int> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        // The lease lives on, for what else it covers; what its holder has in hand is stale, and its calls are still out.
        var hands = new Holding(holding.Lease, holding.Batch, holding.Owner);
        hands.Take(items.Select(item => holding.Items[item]));
        hands.Begun.UnionWith(holding.Begun.Intersect(items));
        stale.Add(hands);
        items.ForEach(item => holding.Items.Remove(item));
        holding.Begun.ExceptWith(items);
    }

    private async Task BeginAsync()
    {
        if (Held(h => h.Items.Count > h.Begun.Count) is not { } holding)
        {
            return;
        }

        var items = holding.Items.Values.Where(i => !holding.Begun.Contains(i.Item) && random.Next(2) == 0).ToList();
        var allowed = await scene.Store.BeginAttemptsAsync(holding.Lease, holding.Owner, [.. items.Select(Commits.Begin)], default);
        Log($"began {items.Count} by {holding}");
        Expect.Sequence(items.Select(i => i.Item).Order(), allowed.Order(), "the attempts that begin under a live lease");
        holding.Begun.UnionWith(allowed);
    }

    private async Task ReadAgainAsync()
    {
        if (Held(_ => true) is { } holding)
        {
            var request = Scene.Claiming(new(holding.Lease.Range, holding.Lease.Token), holding.Batch, limit: 100, owner: holding.Owner);
            holding.Take(await scene.Store.ReadAgainAsync(request, holding.Lease, default));
            Log($"read again by {holding}");
        }
    }

    // A host closes the attempts that it began before it lets go.
    private async Task ReleaseAsync()
    {
        if (Held(h => h.Begun.Count == 0 && !stale.Any(s => s.Lease == h.Lease && s.Begun.Count > 0 && !s.HasAnswered)) is { } holding)
        {
            var drains = random.Next(2) == 0;
            var released = await scene.Store.ReleaseAsync(holding.Lease, drains, default);
            Log($"released: {released}, drains: {drains}, by {holding}");
            Expect.That(released || !drains, "a draining host can always let go");
            Expect.That(!released || drains || holding.Items.Count == 0, "a lease with due items inside is kept");
            if (released)
            {
                Lose(holding);
            }
        }
    }

    private Task AdvanceClockAsync()
    {
        var span = Pick([Times.Moment, TimeSpan.FromSeconds(10), Times.PastTheLease, Times.Backoff]);
        scene.Clock.Advance(span);
        Log($"clock +{span}");
        return Task.CompletedTask;
    }

    private Task RenewAsync()
    {
        var owner = $"host {random.Next(3)}";
        var mine = held.Where(h => h.Owner == owner).ToList();
        var renewed = scene.Store.Renew(
            owner,
            [.. mine.Concat(stale.Where(s => !held.Any(h => h.Lease == s.Lease))).Select(h => h.Lease)],
            Times.Lease);
        Log($"renewed {mine.Count} by {owner}");
        Expect.Equal(mine.Count, renewed.Count, "the leases renewed are those that nobody took");
        mine.ForEach(h => h.Until = scene.Clock.GetUtcNow() + Times.Lease);
        return Task.CompletedTask;
    }

    private async Task SweepAsync(bool all)
    {
        var taken = await scene.Store.TakeLostAsync("sweeper", Times.Lease, all, default);
        Log($"took {taken.Count} over");
        var lost = held.Where(h => taken.Any(l => h.Lease.Range == l.Range && h.Lease.Lo == l.Lo)).ToList();
        Expect.That(all || !lost.Any(Lives), "no live lease is taken over");
        lost.ForEach(Lose);
        await ObserveAsync();
        foreach (var lease in taken)
        {
            await SettleAsync(lease);
        }
    }

    private async Task SettleAsync(Lease lease)
    {
        var lost = await scene.Store.ReadLostAsync(lease, default);
        var unknown = lost.Where(i => i.OpenAttempt is not null)
            .Select(i => Commits.Unknown(i, random.Next(2) == 0 ? Status.Pending : Status.Failed))
            .ToList();
        Expect.Equal(unknown.Count, (await scene.CommitAsync(lease, unknown, begun: true, owner: "sweeper")).Count);
        var open = (await scene.Store.ReadLostAsync(lease, default)).ToList();
        if (open.Count == 1 && lease.Alone >= 2 && ledger.Find(lease.Range.Batch, open[0].Item, lease.Range.Stage)?.Status == Status.Queued)
        {
            Expect.Equal(1, (await scene.CommitAsync(lease, [Commits.Poison(open[0])], owner: "sweeper")).Count);
            open.Clear();
        }

        await scene.Store.SplitAsync(lease, LostInterval.Halves(lease, open), default);
        Log($"settled {lease}: {unknown.Count} unknown, {open.Count} open");
    }

    private async Task CancelAsync()
    {
        var batch = await controls.CancelAsync();
        foreach (var holding in held.Where(h => h.Batch.Key == batch.Key))
        {
            MakeStale(holding, [.. holding.Items.Keys]);
        }
    }

    private async Task CompleteAsync() => Log($"completed {(await scene.Store.CompleteBatchesAsync(default)).Count} batches");

    // Faults stop: whatever is left must end in a bounded number of rounds.
    private async Task DrainAsync()
    {
        foreach (var batch in batches)
        {
            await scene.Store.SetPausedAsync(batch.Key, false, default);
        }

        await SweepAsync(all: true);
        Expect.Empty(held, "what is held after all was taken over");
        await ObserveAsync();
        for (var rounds = 0; await scene.HasOpenWorkAsync(); rounds++)
        {
            Expect.That(rounds < 100, "the walk drains in a bounded number of rounds");
            scene.Clock.Advance(Times.Backoff);
            await ObserveAsync();
            await calls.TakeDueTimersAsync(drains: true);
            await calls.InterpretAsync(int.MaxValue);
            foreach (var batch in batches)
            {
                for (short stage = 1; stage <= Stages; stage++)
                {
                    await scene.WorkAsync(batch, stage, advances: stage < Stages);
                    await ObserveAsync();
                }
            }
        }

        // What comes after the end changes nothing.
        scene.Clock.Advance(Times.Hold);
        await calls.InterpretAsync(int.MaxValue);
        await scene.Store.CompleteBatchesAsync(default);
        foreach (var batch in batches)
        {
            await calls.ExpectDeliveredAsync(batch);
            Expect.That((await scene.ReloadAsync(batch)).Status > BatchStatus.Paused, "a drained batch has ended");
            Expect.That((await scene.StatesAsync(batch)).All(s => s.Status.IsTerminal()), "a drained batch has no open state");
        }
    }

    private async Task ObserveAsync()
    {
        foreach (var batch in batches)
        {
            ledger.Observe(batch, await scene.StatesAsync(batch), await scene.Store.ReadProgressAsync(batch.Key, default));
        }
    }

    private StateChange Outcome(ClaimedItem item, short stage) => random.Next(10) switch
    {
        0 => Commits.Retry(item, Pick([Times.Moment, Times.Backoff])),
        1 => Commits.RateLimited(item, Times.Moment),
        2 => Commits.Failed(item),
        3 => Commits.Skipped(item, stage < Stages),
        4 => Commits.NotFound(item, stage < Stages),
        _ => Commits.Completed(item, stage < Stages),
    };

    private Holding? Held(Func<Holding, bool> suitable) =>
        held.Where(h => Lives(h) && suitable(h)).ToList() is { Count: > 0 } found ? Pick(found) : null;

    // A lease past its date can change nothing, but is its holder's to renew until someone takes it over.
    private bool Lives(Holding holding) => holding.Until > scene.Clock.GetUtcNow();

    private void Lose(Holding holding)
    {
        held.Remove(holding);
        stale.Add(holding);
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private void Log(string what) => log.Add(string.Create(CultureInfo.InvariantCulture, $"{scene.Clock.GetUtcNow():HH:mm:ss} {what}"));
}
