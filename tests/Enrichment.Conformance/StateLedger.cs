namespace Enrichment.Conformance;

/// <summary>Remembers every state as last seen, and holds each change against the table of legal moves.</summary>
internal sealed class StateLedger
{
    private readonly Dictionary<(int Batch, int Item, short Stage), ItemState> seen = [];
    private readonly HashSet<(int Batch, int Item, short Stage)> present = [];

    public ItemState? Find(int batch, int item, short stage) => present.Contains((batch, item, stage)) ? seen[(batch, item, stage)] : null;

    /// <summary>Notes what one batch looks like now.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="states">All its states.</param>
    /// <param name="counts">All its counts: they must be the states'.</param>
    public void Observe(Batch batch, IReadOnlyList<ItemState> states, IReadOnlyList<StageCounts> counts)
    {
        var gone = present.Where(key => key.Batch == batch.Key).ToHashSet();
        foreach (var state in states)
        {
            var key = (batch.Key, state.Item, state.Stage);
            Check(seen.GetValueOrDefault(key), present.Contains(key), state);
            seen[key] = state;
            gone.Remove(key);
            present.Add(key);
        }

        // Only an operator's retry takes states away, and then from items whose earlier stage began a new generation.
        present.ExceptWith(gone);
        foreach (var (key, item, stage) in gone)
        {
            Expect.That(
                states.Any(s => s.Item == item && s.Stage < stage && s.Generation > seen[(key, item, stage)].Generation),
                $"the state of item {item} at stage {stage} may disappear only behind a retry");
        }

        CheckCounts(states, counts);
    }

    private static void Check(ItemState? before, bool wasThere, ItemState now)
    {
        var what =
            $"item {now.Item} at stage {now.Stage} moved from {(wasThere ? before!.Status.ToString() : "nothing")} (generation {before?.Generation}, attempt {before?.Attempt}) to {now.Status} (generation {now.Generation}, attempt {now.Attempt})";
        Expect.That(before is null || now.Attempt >= before.Attempt, $"attempts never go back: {what}");
        Expect.That(
            before is null || now.Generation > before.Generation || (wasThere && now.Generation == before.Generation),
            $"generations never go back: {what}");
        Expect.That(now.Status.IsTerminal() || now.ActsAt is not null, $"what is open has a date: {what}");
        Expect.That(
            now.Status != Status.InProgress || now is { Attempt: > 0, Reason: "callback" or "poll" or "worker" },
            $"what is in progress has an attempt and says what it waits for: {what}");
        if (wasThere && before!.Status == now.Status && before.Generation == now.Generation)
        {
            return;
        }

        Status? from = wasThere ? before!.Status : null;
        Expect.That(
            !wasThere || !before!.Status.IsTerminal() || now.Generation > before.Generation,
            $"a terminal state never changes in its generation: {what}");
        Expect.That(IsLegal(from, now.Status), $"the table of moves does not know this: {what}");
    }

    // A row that appears, or is retried, inside a live interval is claimed in the same moment.
    private static bool IsLegal(Status? from, Status to) =>
        StateMachine.All.Any(t => t.From == from && t.To == to)
        || (to == Status.Queued && StateMachine.All.Any(t => t.From == from && t.To == Status.Pending));

    private static void CheckCounts(IReadOnlyList<ItemState> states, IReadOnlyList<StageCounts> counts)
    {
        foreach (var count in counts)
        {
            var here = states.Where(s => s.Stage == count.Stage).ToLookup(s => s.Status);
            Expect.Equal(
                new StageCounts
                {
                    Stage = count.Stage,
                    Pending = here[Status.Pending].Count() + here[Status.Queued].Count(),
                    InProgress = here[Status.InProgress].Count(),
                    Completed = here[Status.Completed].Count(),
                    Failed = here[Status.Failed].Count(),
                    Skipped = here[Status.Skipped].Count(),
                    Cancelled = here[Status.Cancelled].Count(),
                    ToAdvance = 0,
                },
                count,
                $"the counts of stage {count.Stage}");
        }

        Expect.Sequence(
            states.Select(s => s.Stage).Distinct().Order(),
            counts
                .Where(c =>
                    c
                    != new StageCounts
                    {
                        Stage = c.Stage,
                        Pending = 0,
                        InProgress = 0,
                        Completed = 0,
                        Failed = 0,
                        Skipped = 0,
                        Cancelled = 0,
                        ToAdvance = 0,
                    })
                .Select(c => c.Stage),
            "the stages counted");
    }
}
