using System.Text;
using Enrichment.External;
using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>
/// Hosts that hand tasks out or are lost, workers of two identities, an operator and the clock, all played by one seeded thread. It knows
/// for every report whether it must be taken.
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
    private RandomControls controls = null!;

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
            controls = new(scene, random, [batch], stages: 1, log.Add);
            await ObserveAsync();
            for (var i = 0; i < operations; i++)
            {
                await StepAsync();
                await ObserveAsync();
                if (i % 15 == 14)
                {
                    // A lost host's interval hides what is due inside until it is claimed, as in RandomWalk.
                    Expect.Empty(
                        (await scene.Store.ExamineAsync(default)).Where(finding => finding.Check != "1_stuck"),
                        "what the doctor found on the way");
                }
            }

            await DrainAsync();
            if (seed % 2 == 0)
            {
                await PruneAsync();
            }
        }
        catch (Exception exception)
        {
            throw new ConformanceException(
                $"Task walk, seed {seed}: {exception.Message}{Environment.NewLine}{string.Join(Environment.NewLine, log.TakeLast(25))}",
                exception);
        }
    }

    private Task StepAsync() => random.Next(120) switch
    {
        < 20 => HandOutAsync(random.Next(1, 9)),
        < 45 => FetchAsync(random.Next(1, 9)),
        < 65 => ReportAsync(),
        < 72 => ExtendAsync(),
        < 80 => InterpretAsync(drains: false),
        < 88 => ActAsync(drains: false),
        < 93 => SweepAsync(all: false),
        < 98 => ResolveAsync(),
        < 102 => controls.RetryAsync(),
        < 107 => controls.PauseAsync(),
        < 109 => CancelAsync(),
        < 110 => ExpectNotPrunedAsync(),
        _ => AdvanceClockAsync(),
    };

    /// <summary>A host hands out what it can claim, unless it is lost on the way. Returns false if nothing was due.</summary>
    private async Task<bool> HandOutAsync(int limit, bool drains = false)
    {
        if (await scene.TryClaimAsync(batch, limit: limit) is not { } claim)
        {
            return false;
        }

        var fate = drains ? Fate.Lives : Pick(Fate.Lives, Fate.Lives, Fate.Lives, Fate.LostBefore, Fate.TooLate, Fate.LostAfter);
        if (fate == Fate.TooLate)
        {
            scene.Clock.Advance(Times.PastTheLease);
        }

        var until = random.Next(2) == 0 ? Times.Poll : HandOuts.Visible;
        var request = HandOuts.Request(claim, TimeSpan.Zero, until);
        var items = fate == Fate.LostBefore ? [] : await scene.Store.HandOutAsync(request, default);
        log.Add($"{fate}: handed {items.Count} out until {until}");
        Expect.Sequence(
            fate is Fate.Lives or Fate.LostAfter ? claim.Items.Select(item => item.Item) : [],
            items.Order(),
            "what is handed out under a live lease");
        foreach (var item in claim.Items.Where(item => items.Contains(item.Item)))
        {
            handed.Add(new(claim.Lease.Range, item.Item, item.Attempt + 1), item);
        }

        Expect.That(fate != Fate.Lives || await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default));
        return true;
    }

    /// <summary>Takes over what lost hosts had claimed. What they had handed out is not theirs any more.</summary>
    private async Task SweepAsync(bool all)
    {
        foreach (var lease in await scene.Store.TakeLostAsync("sweeper", Times.Lease, all, default))
        {
            var open = (await scene.Store.ReadLostAsync(lease, default)).ToList();
            log.Add($"took {lease} over: {open.Count} open");
            Expect.That(open.All(item => item.OpenAttempt is null), "a task that is handed out does not end with its host");
            await scene.Store.SplitAsync(lease, LostInterval.Halves(lease, open), default);
        }
    }

    private async Task<bool> FetchAsync(int limit)
    {
        var identity = Pick(Identities);
        var tasks = await HandOuts.FetchAsync(scene, limit, identity);
        Expect.That(
            tasks.Count == 0 || (await scene.ReloadAsync(batch)).Status is BatchStatus.Pending or BatchStatus.Running,
            "nothing is fetched of a batch that is held or has ended");
        log.Add($"{identity} fetched {tasks.Count}");
        foreach (var task in tasks)
        {
            var key = handed.Keys.Single(each => each.Item == task.Item && each.Attempt == task.Attempt);
            Expect.That(known.Add(key), $"attempt {key} is fetched once");
            fetched.Add(task.Task, new(key, identity));
        }

        return tasks.Count > 0;
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
        var expected = tasks.Select(task => MayReport(task, identity)).ToList();
        Expect.Sequence([.. expected, .. expected.Take(1).Select(_ => false), .. expected.Take(1)], taken, "the reports that are taken");
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
            var outcome = (drains ? 2 : random.Next(6)) switch
            {
                0 => Commits.Retry(item, Times.Moment),
                1 => Commits.Failed(item),
                _ => Commits.Completed(item),
            };
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

    /// <summary>An operator skips items or supplies their results: what nobody has fetched of them is withdrawn first.</summary>
    private async Task ResolveAsync()
    {
        foreach (var range in handed.Keys.Select(key => key.Range).Distinct())
        {
            int[] items = [.. Enumerable.Range(986, 30).Where(_ => random.Next(3) == 0)];
            log.Add($"withdrew {await TaskWithdrawal.WithdrawAsync(scene.Store, scene.Store, range, items, default)}");
        }

        await controls.ResolveAsync();
    }

    private async Task CancelAsync()
    {
        await controls.CancelAsync();
        var cancelled = (await scene.StatesAsync(batch, Status.Cancelled)).Select(state => (state.Item, state.Attempt)).ToHashSet();
        foreach (var (name, task) in fetched.Where(each => !each.Value.Closed).ToList())
        {
            var ends = cancelled.Contains((task.Key.Item, task.Key.Attempt));
            fetched[name] = task with { Closed = ends, Cancelled = ends };
        }
    }

    private async Task ExpectNotPrunedAsync()
    {
        var now = await scene.ReloadAsync(batch);
        Expect.That(
            now.Status is not (BatchStatus.Pending or BatchStatus.Running or BatchStatus.Paused)
            || !await scene.Store.MarkPrunedAsync(now, "{}", default),
            "a batch with open tasks is not pruned");
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
        await scene.Store.SetPausedAsync(batch.Key, false, default);
        await SweepAsync(all: true);
        for (var rounds = 0; !(await scene.StatesAsync(batch)).All(state => state.Status.IsTerminal()); rounds++)
        {
            Expect.That(rounds < 100, "the walk drains in a bounded number of rounds");
            scene.Clock.Advance(Times.PastTheLease);
            await InterpretAsync(drains: true);
            await ActAsync(drains: true);
            while (await HandOutAsync(100, drains: true))
            {
            }

            while (await FetchAsync(100))
            {
            }

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

        // What comes after the end changes nothing.
        scene.Clock.Advance(Times.Hold);
        foreach (var identity in Identities)
        {
            Expect.Sequence(
                fetched.Keys.Select(task => MayReport(task, identity)),
                await scene.Store.ReportTasksAsync(identity, [.. fetched.Keys.Select(task => (task, HandOuts.Report))], default),
                "of tasks that have ended only reports of cancelled ones are taken");
        }

        await InterpretAsync(drains: true);
        await scene.Store.CompleteBatchesAsync(default);
        await ObserveAsync();
        var states = await scene.StatesAsync(batch);
        Expect.Sequence(Enumerable.Range(986, 30), states.Select(state => state.Item).Order(), "each item has one state");
        Expect.Equal(states.Count(state => state.Status == Status.Completed), (await scene.ResultsAsync(batch)).Count);
        Expect.Equal(0L, await scene.Fixture.CountRawAsync($"select count(*) from external_tasks where batch = {batch.Key}"));
        Expect.Equal(0L, await Sends.OpenAttemptsAsync(scene));
        await scene.ExpectHealthyAsync();
    }

    private async Task PruneAsync()
    {
        Expect.That(await scene.Store.MarkPrunedAsync(await scene.ReloadAsync(batch), "{}", default), "a batch that has ended is pruned");
        await foreach (var _ in scene.Store.DeletePrunedAsync(batch, default))
        {
        }

        foreach (var table in (string[])["workflow_states", "attempts", "inbox", "external_tasks"])
        {
            Expect.Equal(0L, await scene.Fixture.CountRawAsync($"select count(*) from {table} where batch = {batch.Key}"), table);
        }

        await scene.ExpectHealthyAsync();
    }

    private async Task SettleAsync(RangeKey range, List<StateChange> outcomes, string? message)
    {
        var changed = await scene.Store.SettleAsync(
            new(range, outcomes, message is null ? [] : [message]) { IsExternal = true },
            default);
        log.Add($"settled {outcomes.Count}: {changed.Count} counted");
        Close(key => changed.Contains(key.Item));
    }

    private void Close(Func<AttemptKey, bool> closes)
    {
        foreach (var (name, task) in fetched.Where(each => closes(each.Value.Key)).ToList())
        {
            fetched[name] = task with { Closed = true };
        }
    }

    // An answer to a cancelled call is kept.
    private bool MayReport(string task, string identity) =>
        IsHeld(task, identity) || (fetched[task] is { Cancelled: true } cancelled && cancelled.Identity == identity);

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

    private enum Fate
    {
        Lives,
        LostBefore,
        TooLate,
        LostAfter,
    }

    /// <summary>A task that was fetched.</summary>
    private sealed record InHand(AttemptKey Key, string Identity)
    {
        public bool Reported { get; init; }

        public bool Closed { get; init; }

        public bool Cancelled { get; init; }
    }
}
