using Enrichment.Execution;
using Enrichment.Json;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>What becomes of an interval that lost its host: it is run again in halves, until what kills hosts is alone.</summary>
public sealed class LostWorkTests
{
    private static readonly Lease Lost = new(new(0, 1, 1), Lo: 1, Hi: 20, Token: 5, Losses: 1);

    // An open item is written by its number. Alone: the losses so far with a single item. Intervals: first and last item, losses, losses
    // alone.
    private static readonly RuleTable Rules = new("""
        items      | begun | effects            | alone → written                                          | intervals
        7          | none  | *                  | 0     → nothing                                          | 1-7 (2, 1)
        7          | none  | *                  | 1     → nothing                                          | 1-7 (2, 2)
        7          | all   | Pure, SafeToRepeat | 0     → 7 Pending                                        | 1-7 (2, 1)
        7          | all   | Pure, SafeToRepeat | 1     → 7 Pending                                        | 1-7 (2, 2)
        7          | all   | Review             | 0, 1  → 7 Failed OutcomeUnknown                          | none
        7          | *     | *                  | 2     → 7 Failed Poison                                  | none
        3 4        | none  | *                  | *     → nothing                                          | 1-3 (2, 0) 4-4 (2, 0)
        3 4        | all   | Pure, SafeToRepeat | *     → 3 Pending, 4 Pending                             | 1-3 (2, 0) 4-4 (2, 0)
        3 4        | first | Pure, SafeToRepeat | *     → 3 Pending                                        | 1-3 (2, 0) 4-4 (2, 0)
        3 4        | first | Review             | *     → 3 Failed OutcomeUnknown                          | 1-4 (2, 0)
        3 4        | all   | Review             | *     → 3 Failed OutcomeUnknown, 4 Failed OutcomeUnknown | none
        3 4 7 9 12 | none  | *                  | *     → nothing                                          | 1-4 (2, 0) 7-12 (2, 0)
        3 4 7 9 12 | first | Pure, SafeToRepeat | *     → 3 Pending                                        | 1-4 (2, 0) 7-12 (2, 0)
        3 4 7 9 12 | first | Review             | *     → 3 Failed OutcomeUnknown                          | 1-7 (2, 0) 9-12 (2, 0)
        """);

    [Fact]
    public void An_interval_that_lost_its_host_is_run_again_in_halves_until_poison_is_alone() => Rules.Hold(
        from items in new[] { "7", "3 4", "3 4 7 9 12" }
        from begun in items switch { "7" => new[] { "none", "all" }, "3 4" => ["none", "first", "all"], _ => ["none", "first"] }
        from effects in Enum.GetValues<Effects>()
        from alone in Enumerable.Range(0, OutcomeRules.PoisonAfter)
        select ((items, begun, effects, alone), new[] { items, begun, effects.ToString(), $"{alone}" }),
        one => Play([.. one.items.Split(' ').Select(int.Parse)], one.begun, one.effects, (short)one.alone));

    private static string Play(int[] items, string begun, Effects effects, short alone)
    {
        var rules = new OutcomeRules(
            new()
            {
                Manifest = new()
                {
                    Slug = "test.step",
                    Version = "1.0.0",
                    Effects = effects,
                },
                Retry = new() { MaxTries = 3 },
                Timeout = TimeSpan.FromMinutes(1),
            },
            last: false,
            new JsonGate(1024));
        var open = items
            .Select((item, index) => new LostItem(item, 1, 0, 0, begun == "all" || (begun == "first" && index == 0) ? 1 : null))
            .ToList();

        var (outcomes, intervals) = LostWork.Decide(Lost with { Alone = alone }, open, rules);

        Assert.All(intervals, interval => Assert.Equal((Lost.Range, Lost.Token), (interval.Range, interval.Token)));
        var written = outcomes.Select(outcome =>
            $"{outcome.Item} {outcome.Status}{(outcome.Status == Status.Failed ? $" {outcome.ErrorClass}" : "")}");
        var left = intervals.Select(interval => $"{interval.Lo}-{interval.Hi} ({interval.Losses}, {interval.Alone})");
        return $"{string.Join(", ", written.DefaultIfEmpty("nothing"))} | {string.Join(' ', left.DefaultIfEmpty("none"))}";
    }
}
