using System.Globalization;
using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>
/// The calls of a random walk that are answered later: vendors answer late, twice, in any order, to any attempt. It knows for every answer
/// whether it must count.
/// </summary>
internal sealed class RandomCalls(Scene scene, Random random, StateLedger ledger, int stages, Action<string> log)
{
    private readonly List<Call> calls = [];
    private readonly Dictionary<(AttemptKey Attempt, string Message), DeliveryState> delivered = [];
    private int messages;

    /// <summary>Sends some of what a host holds, and takes it out of the host's hands.</summary>
    public async Task SendAsync(Holding holding)
    {
        var items = holding.Items.Values.Where(i => !holding.Begun.Contains(i.Item) && random.Next(4) > 0).ToList();
        var allowed = await scene.Store.BeginSendingAsync(
            holding.Lease,
            holding.Owner,
            [.. items.Select(Sends.Start)],
            random.Next(2) == 0 ? Sends.Answered : Sends.Polled,
            default);
        log($"sent {items.Count} by {holding}");
        Expect.Sequence(items.Select(i => i.Item).Order(), allowed.Order(), "what is sent under a live lease");
        foreach (var item in items)
        {
            calls.Add(new(holding.Lease.Range, item));
            holding.Items.Remove(item.Item);
        }
    }

    /// <summary>What nobody holds any more is not sent.</summary>
    public async Task SendStaleAsync(Holding holding) =>
        Expect.Empty(
            await scene.Store.BeginSendingAsync(
                holding.Lease,
                holding.Owner,
                [.. holding.Items.Values.Select(Sends.Start)],
                Sends.Answered,
                default),
            "what is sent under a stale lease");

    /// <summary>Answers come in a host's hands. Returns the items that they completed.</summary>
    public async Task<(RangeKey Range, IReadOnlyList<int> Completed)?> AnswerAsync() =>
        calls.Count == 0 ? null : await SettleAsync([.. Together(Any()).Select(call => (call, Outcome(call), (string?)null))]);

    /// <summary>Answers are delivered, some of them again, some of them forged.</summary>
    public async Task ReceiveAsync()
    {
        if (calls.Count == 0)
        {
            return;
        }

        var deliveries = Together(Any()).Select(Delivery).ToList();
        var forged = deliveries[0] with { TokenHash = Scene.Hash("forged"), Message = "forged" };
        var known = await scene.Store.ReceiveAsync([.. deliveries, forged, deliveries[0]], default);
        log($"received {deliveries.Count}");
        Expect.Sequence([.. deliveries.Select(_ => true), false, true], known, "the deliveries that are genuine");
        deliveries.ForEach(d => delivered.TryAdd((d.Attempt, d.Message), DeliveryState.Received));
    }

    /// <summary>
    /// Interprets some of what was delivered; a host that is lost with it leaves it to be taken again. Returns the items that it completed.
    /// </summary>
    public async Task<IReadOnlyList<(RangeKey Range, IReadOnlyList<int> Completed)>> InterpretAsync(int limit)
    {
        var taken = await scene.Store.TakeDeliveriesAsync([], limit, 1 << 20, Times.Hold, default);
        log($"took {taken.Count} deliveries");
        var settled = new List<(RangeKey, IReadOnlyList<int>)>();
        foreach (var each in taken.Where(_ => limit == int.MaxValue || random.Next(5) > 0))
        {
            var (attempt, message) = (each.Delivery.Attempt, each.Delivery.Message);
            Expect.Equal(DeliveryState.Received, delivered[(attempt, message)], "only what waits to be interpreted is taken");
            if (random.Next(10) == 0)
            {
                await scene.Store.MarkFaultyAsync(attempt, message, "the walk would have it so", default);
                delivered[(attempt, message)] = DeliveryState.Faulty;
                continue;
            }

            var call = calls.Single(c => c.Key == attempt);
            settled.Add(await SettleAsync([(call, Outcome(call), message)]));
        }

        return settled;
    }

    /// <summary>
    /// Whatever has reached its date is found, polled or ended; a host that is lost with it leaves it to be found again. Returns the items
    /// that were completed.
    /// </summary>
    public async Task<IReadOnlyList<(RangeKey Range, IReadOnlyList<int> Completed)>> TakeDueTimersAsync(bool drains = false)
    {
        var due = calls.Where(IsDue).ToList();
        var found = await scene.Store.FindDueTimersAsync([], 1_000, default);
        Expect.Empty(due.Select(c => c.Range).Distinct().Except(found), "the ranges that hide what has reached its date");
        var settled = new List<(RangeKey, IReadOnlyList<int>)>();
        foreach (var range in found.Where(_ => drains || random.Next(3) > 0))
        {
            var here = due.Where(c => c.Range == range).ToList();
            var timers = await scene.Store.TakeDueTimersAsync(range, 1_000, Times.Hold, default);
            log($"took {timers.Count} of {range}");
            Expect.Sequence(
                here.Select(c => (c.Item.Item, c.Attempt)).Order(),
                timers.Select(w => (w.Item, w.Attempt)).Order(),
                "what has reached its date");
            var outcomes = here.Where(_ => drains || random.Next(4) > 0)
                .Select(c =>
                    (
                        c,
                        timers.Single(w => w.Item == c.Item.Item).Overdue
                            ? Commits.Silent(c.Item, random.Next(2) == 0 ? Status.Pending : Status.Failed)
                            : Outcome(c),
                        (string?)null));
            settled.Add(await SettleAsync([.. outcomes]));
        }

        return settled;
    }

    /// <summary>What became of every delivery is what the walk expects.</summary>
    public async Task ExpectDeliveredAsync(Batch batch) =>
        Expect.Sequence(
            delivered
                .Where(d => d.Key.Attempt.Range.Batch == batch.Key)
                .Select(d => (d.Key.Attempt.Range.Stage, d.Key.Attempt.Item, d.Key.Attempt.Attempt, d.Key.Message, d.Value))
                .OrderBy(d => d.ToString(), StringComparer.Ordinal),
            (await Scene.ToListAsync(scene.Store.ReadDeliveriesAsync(batch.Key, default)))
                .Select(d => (d.Stage, d.Item, d.Attempt, d.Message, d.State))
                .OrderBy(d => d.ToString(), StringComparer.Ordinal),
            $"what became of the deliveries to batch {batch.Key}");

    private async Task<(RangeKey Range, IReadOnlyList<int> Completed)> SettleAsync(
        List<(Call Call, StateChange Outcome, string? Message)> outcomes)
    {
        if (outcomes.Count == 0)
        {
            return default;
        }

        var counts = outcomes.Where(o => Counts(o.Call, o.Outcome.Status)).ToList();
        var range = outcomes[0].Call.Range;
        var changed = await scene.Store.SettleAsync(
            new(range, [.. outcomes.Select(o => o.Outcome)], [.. outcomes.Select(o => o.Message)]),
            default);
        log($"settled {string.Join(", ", outcomes.Select(o => $"{o.Call} {o.Outcome.Outcome}"))}: {changed.Count} counted");
        Expect.Sequence(counts.Select(o => o.Call.Item.Item).Order(), changed.Order(), "the answers that count");
        foreach (var (call, _, message) in outcomes.Where(o => o.Message is not null))
        {
            delivered[(call.Key, message!)] = changed.Contains(call.Item.Item) ? DeliveryState.Applied : DeliveryState.Ignored;
        }

        await ObserveAsync(range.Batch);
        return (range, [.. counts.Where(o => o.Outcome.Status == Status.Completed).Select(o => o.Call.Item.Item)]);
    }

    private async Task ObserveAsync(int batch)
    {
        var found = await scene.Store.LoadBatchAsync(batch, default);
        ledger.Observe(found, await scene.StatesAsync(found), await scene.Store.ReadProgressAsync(batch, default));
    }

    private bool Counts(Call call, Status to) => ledger.Find(call.Range.Batch, call.Item.Item, call.Range.Stage) is { } state
        && state.Generation == call.Item.Generation
        && (to == Status.Completed
                ? !state.Status.IsTerminal() && state.Attempt >= call.Attempt
                : state.Status == Status.InProgress && state.Attempt == call.Attempt);

    private bool IsDue(Call call) => ledger.Find(call.Range.Batch, call.Item.Item, call.Range.Stage) is { Status: Status.InProgress } state
        && state.Attempt == call.Attempt
        && state.ActsAt <= scene.Clock.GetUtcNow();

    // More often than not one whose state is open.
    private Call Any() => random.Next(4) > 0 && calls.Where(IsOpen).ToList() is { Count: > 0 } open ? Pick(open) : Pick(calls);

    private bool IsOpen(Call call) =>
        ledger.Find(call.Range.Batch, call.Item.Item, call.Range.Stage) is { } state && !state.Status.IsTerminal();

    // A few calls of one range, each to another item.
    private List<Call> Together(Call call) =>
        [.. calls.Where(c => c.Range == call.Range && (c == call || random.Next(3) == 0)).Reverse().DistinctBy(c => c.Item.Item)];

    private Delivery Delivery(Call call)
    {
        var again = delivered.Keys.Where(d => d.Attempt == call.Key).Select(d => d.Message).ToList();
        var message =
            again.Count > 0 && random.Next(3) == 0 ? Pick(again) : string.Create(CultureInfo.InvariantCulture, $"message {++messages}");
        return new()
        {
            Attempt = call.Key,
            TokenHash = Sends.Token(call.Item.Item, call.Attempt),
            Message = message,
            Headers = "{}",
            Body = new byte[] { 1, 0, 255 },
        };
    }

    private StateChange Outcome(Call call) => random.Next(14) switch
    {
        0 or 12 or 13 => Commits.Retry(call.Item, Pick([Times.Moment, Times.Backoff])),
        1 => Commits.RateLimited(call.Item, Times.Moment),
        2 => Commits.Failed(call.Item),
        3 => Commits.Skipped(call.Item, call.Range.Stage < stages),
        4 => Commits.NotFound(call.Item, call.Range.Stage < stages),
        5 or 6 => Commits.Polling(call.Item, Pick([Times.Moment, Times.Poll, Times.Deadline * 2])),
        7 => Commits.Awaiting(call.Item, "call 7"),
        8 => Commits.Silent(call.Item, random.Next(2) == 0 ? Status.Pending : Status.Failed),
        _ => Commits.Completed(call.Item, call.Range.Stage < stages),
    };

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
