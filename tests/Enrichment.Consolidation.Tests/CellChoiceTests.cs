using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tests;

/// <summary>The rules, each beside one line that says what it means.</summary>
public sealed class CellChoiceTests
{
    [Fact]
    public void Each_rule_chooses_what_a_sentence_about_all_candidates_says()
    {
        var random = new Random(1);
        var row = new EvaluatedRow(0);
        row.Begin(0, 1);
        for (var turn = 0; turn < 2000; turn++)
        {
            (long Value, long Time, decimal Confidence)[] offers =
            [
                .. Enumerable
                    .Range(0, random.Next(6))
                    .Select(_ => ((long)random.Next(-3, 4), (long)random.Next(3), (decimal)random.Next(3))),
            ];
            var expected = new Dictionary<ChoiceRule, long?>
            {
                [ChoiceRule.Latest] = Of(offers.OrderByDescending(offer => offer.Time)),
                [ChoiceRule.Confident] = Of(offers.OrderByDescending(offer => offer.Confidence)),
                [ChoiceRule.Agree] = Of(offers.OrderByDescending(offer => offers.Count(other => other.Value == offer.Value))),
                [ChoiceRule.Min] = Of(offers.OrderBy(offer => offer.Value)),
                [ChoiceRule.Max] = Of(offers.OrderByDescending(offer => offer.Value)),
            };
            foreach (var (rule, value) in expected)
            {
                var choice = new CellChoice(ColumnType.Integer, rule);
                choice.Offer(TypedCell.OfWhole(99), 99, row, 99, 99);
                choice.Begin();
                foreach (var (index, (offered, time, confidence)) in offers.Index())
                {
                    choice.Offer(TypedCell.OfWhole(offered), (short)(index + 1), row, time, confidence);
                }

                var chosen = choice.Chosen(row, out var source);
                Assert.Equal(value, chosen.HasValue ? chosen.Whole : null);
                Assert.Equal(value, source == 0 ? null : offers[source - 1].Value);
            }
        }
    }

    private static long? Of(IEnumerable<(long Value, long Time, decimal Confidence)> sorted) =>
        sorted.Select(offer => (long?)offer.Value).FirstOrDefault();
}
