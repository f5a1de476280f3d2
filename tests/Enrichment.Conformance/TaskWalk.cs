using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>
/// Hosts that hand tasks out, workers of two identities, an operator and the clock, all played by one seeded thread. It knows for every
/// report whether it must be taken.
/// </summary>
internal sealed class TaskWalk
{
    private static readonly string[] Identities = ["http:one", "http:two"];

    private readonly Scene scene;
    private readonly int seed;
    private readonly Random random;
    private readonly StateLedger ledger = new();
    private readonly List<string> log = [];
    private readonly Dictionary<AttemptKey, ClaimedItem> handed = [];
    private readonly Dictionary<string, InHand> fetched = [];
    private readonly HashSet<AttemptKey> known = [];
    private Batch batch = null!;

    public TaskWalk(Scene scene, int seed)
    {
        (this.scene, this.seed) = (scene, seed);
        random = new(seed);
    }

    public async Task RunAsync(int operations)
    {
        try
        {
            batch = await scene.LaunchAsync(
                await scene.UploadAsync(1_020, content: "tasks"),
                key: $"tasks {seed}",
                rows: [.. Enumerable.Range(986, 30)]);
            await ObserveAsync();
            for (var i = 0; i < operations; i++)
            {
                await StepAsync();
                await ObserveAsync();
                if (i % 10 == 9)
                {
                    await scene.ExpectHealthyAsync();
                }
            }

            await DrainAsync();
        }
        catch (Exception exception)
        {
            throw new ConformanceException(
                $"Task walk, seed {seed}: {exception.Message}{Environment.NewLine}{string.Join(Environment.NewLine, log.TakeLast(25))}",
                exception);
        }
    }

    private Task StepAsync() => random.Next(100) switch
    {
        < 20 => HandOutAsync(random.Next(1, 9)),
        < 45 => FetchAsync(random.Next(1, 9)),
        < 65 => ReportAsync(),
        < 72 => ExtendAsync(),
        < 80 => InterpretAsync(drains: false),
        < 88 => ActAsync(drains: false),
        < 90 => HideAsync(),
        < 93 => PauseAsync(),
        _ => AdvanceClockAsync(),
    };

    private async Task HandOutAsync(int limit)
    {
        if (await scene.TryClaimAsync(batch, limit: limit) is not { } claim)
        {
            return;
        }

        var until = random.Next(2) == 0 ? Times.Poll : HandOuts.Visible;
        var items = await scene.Store.HandOutAsync(HandOuts.Request(claim, TimeSpan.Zero, until), default);
        log.Add($"handed {items.Count} out until {until}");
        Expect.Sequence(claim.Items.Select(item => item.Item), items.Order(), "what is handed out under a live lease");
        foreach (var item in claim.Items)
        {
            handed.Add(new(claim.Lease.Range, item.Item, item.Attempt + 1), item);
        }

        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default));
    }

    private async Task FetchAsync(int limit)
    {
        var identity = Pick(Identities);
        var tasks = await HandOuts.FetchAsync(scene, limit, identity);
        log.Add($"{identity} fetched {tasks.Count}");
        foreach (var task in tasks)
        {
            var key = handed.Keys.Single(each => each.Item == task.Item && each.Attempt == task.Attempt);
            Expect.That(known.Add(key), $"attempt {key} is fetched once");
            fetched.Add(task.Task, new(key, identity));
        }
    }

    private async Task ReportAsync()
    {
        if (fetched.Count == 0)
        {
            return;
        }

        var identity = Pick(Identities);
        var tasks = fetched.Keys.Where(_ => random.Next(3) == 0).ToList();
        List<string> all = [.. tasks, .. tasks.Take(1).Select(HandOuts.Forged), .. tasks.Take(1)];
        var taken = await scene.Store.ReportTasksAsync(identity, [.. all.Select(task => (task, HandOuts.Report))], default);
        log.Add($"{identity} reported {all.Count}");
        var expected = tasks.Select(task => IsHeld(task, identity)).ToList();
        Expect.Sequence(
            [.. expected, .. expected.Take(1).Select(_ => false)],
            taken.Take(tasks.Count + expected.Take(1).Count()),
            "the reports that are taken");
        foreach (var task in tasks.Where(task => IsHeld(task, identity)))
        {
            fetched[task] = fetched[task] with { Reported = true };
        }
    }

    private async Task ExtendAsync()
    {
        var identity = Pick(Identities);
        List<string> tasks = [.. fetched.Keys.Where(_ => random.Next(3) == 0)];
        Expect.Sequence(
            tasks.Select(task => IsHeld(task, identity)),
            await scene.Store.ExtendTasksAsync(identity, tasks, Times.Lease, default),
            "the tasks that a worker still has");
    }

    private async Task InterpretAsync(bool drains)
    {
        foreach (var each in await scene.Store.TakeDeliveriesAsync([], 1_000, 1 << 20, Times.Hold, default))
        {
            if (!drains && random.Next(5) == 0)
            {
                continue; // The host is lost with it.
            }

            var item = handed[each.Delivery.Attempt];
            Expect.Equal(HandOuts.Report, Encoding.UTF8.GetString(each.Delivery.Body.Span));
            var outcome = drains || random.Next(4) > 0 ? Commits.Completed(item) : Commits.Retry(item, Times.Moment);
            await SettleAsync(each.Delivery.Attempt.Range, [outcome], each.Delivery.Message);
        }
    }

    /// <summary>A host withdraws what nobody fetched, and closes the attempts of lost workers.</summary>
    private async Task ActAsync(bool drains)
    {
        foreach (var range in await scene.Store.FindDueTasksAsync(1_000, default))
        {
            var due = await scene.Store.TakeDueTasksAsync(range, 1_000, Times.Hold, Times.Hold, default);
            log.Add($"acts on {due.Count}");
            Expect.That(
                !due.Any(task => fetched.Values.Any(each => each.Reported && each.Key == new AttemptKey(range, task.Item, task.Attempt))),
                "no task is acted on that was reported");
            await SettleAsync(
                range,
                [
                    .. due.Where(_ => drains || random.Next(4) > 0)
                        .Select(task => Ended(handed[new(range, task.Item, task.Attempt)], task.Fetched)),
                ],
                message: null);
        }
    }

    private async Task HideAsync()
    {
        foreach (var range in handed.Keys.Select(key => key.Range).Distinct())
        {
            await scene.Store.HideTasksAsync(range, [.. Enumerable.Range(990, 10)], default);
        }
    }

    private async Task PauseAsync()
    {
        await scene.Store.SetPausedAsync(batch.Key, true, default);
        Expect.Empty(await HandOuts.FetchAsync(scene), "what is fetched of a paused batch");
        await scene.Store.SetPausedAsync(batch.Key, false, default);
    }

    private Task AdvanceClockAsync()
    {
        var span = Pick(Times.Moment, Times.Lease / 2, Times.PastTheLease, Times.Poll);
        scene.Clock.Advance(span);
        log.Add($"clock +{span}");
        return Task.CompletedTask;
    }

    // Faults stop: whatever is left ends in a bounded number of rounds.
    private async Task DrainAsync()
    {
        for (var rounds = 0; (await scene.ProgressAsync(batch)).Completed < batch.Items; rounds++)
        {
            Expect.That(rounds < 100, "the walk drains in a bounded number of rounds");
            scene.Clock.Advance(Times.PastTheLease);
            await InterpretAsync(drains: true);
            await ActAsync(drains: true);
            await HandOutAsync(100);
            await FetchAsync(100);
            foreach (var identity in Identities)
            {
                List<string> tasks = [.. fetched.Keys.Where(task => IsHeld(task, identity))];
                var taken = await scene.Store.ReportTasksAsync(identity, [.. tasks.Select(task => (task, HandOuts.Report))], default);
                Expect.That(taken.All(each => each), "a worker reports what it has");
                tasks.ForEach(task => fetched[task] = fetched[task] with { Reported = true });
            }

            await InterpretAsync(drains: true);
            await ObserveAsync();
        }

        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from external_tasks"));
        Expect.Equal(batch.Items, (await scene.ResultsAsync(batch)).Count);
        await scene.ExpectHealthyAsync();
    }

    private async Task SettleAsync(RangeKey range, List<StateChange> outcomes, string? message)
    {
        var changed = await scene.Store.SettleAsync(
            new(range, outcomes, message is null ? [] : [message]) { IsExternal = true },
            default);
        log.Add($"settled {outcomes.Count}: {changed.Count} counted");
        foreach (var (name, task) in fetched.Where(each => changed.Contains(each.Value.Key.Item)).ToList())
        {
            fetched[name] = task with { Closed = true };
        }
    }

    private bool IsHeld(string task, string identity) => fetched[task] is { Closed: false } held && held.Identity == identity;

    private static StateChange Ended(ClaimedItem item, bool lost) => Commits.Retry(item, TimeSpan.Zero) with
    {
        Outcome = lost ? StepOutcomeKind.Unknown : StepOutcomeKind.Skipped,
        Tries = (short)(item.Tries + (lost ? 1 : 0)),
        Waits = lost ? WaitReason.Retry : WaitReason.None,
        ErrorClass = lost ? ErrorClass.OutcomeUnknown : null,
        Reference = lost ? "lost" : null,
    };

    private async Task ObserveAsync() =>
        ledger.Observe(
            await scene.ReloadAsync(batch),
            await scene.StatesAsync(batch),
            await scene.Store.ReadProgressAsync(batch.Key, default));

    private T Pick<T>(params T[] from) => from[random.Next(from.Length)];

    /// <summary>A task that was fetched.</summary>
    private sealed record InHand(AttemptKey Key, string Identity)
    {
        public bool Reported { get; init; }

        public bool Closed { get; init; }
    }
}
