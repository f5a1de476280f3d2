using Enrichment.Drift;

namespace Enrichment.Tests.Drift;

/// <summary>Which changes of answers are told, and that chance alone tells none.</summary>
public sealed class DriftComparisonTests
{
    private static readonly JsonKind[] Scalars = [JsonKind.String, JsonKind.Number, JsonKind.Boolean];

    [Fact]
    public void Of_a_thousand_batches_that_are_alike_at_most_one_has_a_finding()
    {
        var random = new Random(20261130);
        double[] rates =
        [
            .. Enumerable.Range(1, 10).Select(place => 0.0005 * place),
            .. Enumerable.Range(1, 20).Select(_ => random.NextDouble()),
            .. Enumerable.Range(1, 10).Select(place => 1 - (0.002 * place)),
        ];
        var earlier = new List<(int, AnswerProfile)>();
        var told = 0;
        for (var batch = 1; batch <= 1_000; batch++)
        {
            var profile = Draw(random, random.Next(10, 1_001), rates);
            told += new DriftComparison(earlier, [], profile).Find().Count > 0 ? 1 : 0;
            earlier.Insert(0, (batch, profile));
            earlier.RemoveRange(Math.Min(20, earlier.Count), Math.Max(0, earlier.Count - 20));
        }

        Assert.InRange(told, 0, 1);
    }

    [Fact]
    public void A_renamed_place_is_told_twice_and_each_names_the_other()
    {
        var found = Compare(Profile(1_000, ("/size/employees", 950, JsonKind.Number)), Profile(300, ("/size/headcount", 290, JsonKind.Number)));

        Assert.Equal(
            [(DriftKind.VanishedPath, "/size/employees", "/size/headcount"), (DriftKind.NewPath, "/size/headcount", "/size/employees")],
            found.Select(drift => (drift.Kind, drift.Path, drift.Evidence.Counterpart)));
    }

    [Fact]
    public void Two_new_places_that_are_alike_name_no_counterpart()
    {
        var found = Compare(
            Profile(1_000, ("/a", 950, JsonKind.Number)),
            Profile(300, ("/b", 290, JsonKind.Number), ("/c", 290, JsonKind.Number)));

        Assert.Equal(3, found.Count);
        Assert.All(found, drift => Assert.Null(drift.Evidence.Counterpart));
    }

    [Theory]
    [InlineData(1_000, 200, 600, true)] // 95 % to 60 %
    [InlineData(1_000, 1_000, 600, true)]
    [InlineData(1_000, 1_000, 900, false)] // not far enough
    [InlineData(20, 20, 600, false)] // chance explains it
    public void A_fill_rate_is_told_if_it_moves_far_and_by_more_than_chance(int before, int now, int perThousand, bool told)
    {
        var found = Compare(
            Profile(before, ("/domain", before * 95 / 100, JsonKind.String)),
            Profile(now, ("/domain", now * perThousand / 1_000, JsonKind.String)));

        Assert.Equal(told ? [(DriftKind.FillRate, "down")] : [], found.Select(drift => (drift.Kind, drift.Detail)));
    }

    [Fact]
    public void A_place_that_tables_have_counted_in_all_answers_is_compared_by_all_of_them()
    {
        AnswerProfile Counted(int filled, int all)
        {
            var profile = Profile(100, ("/domain", 50, JsonKind.String));
            (profile.Paths["/domain"].All, profile.Paths["/domain"].FilledOfAll) = (all, filled);
            return AnswerProfile.FromJson(100, profile.CountsToJson(), null);
        }

        var found = Assert.Single(Compare(Counted(9_500, 10_000), Counted(1_200, 2_000)));

        Assert.Equal((DriftKind.FillRate, "down"), (found.Kind, found.Detail));
        Assert.Equal(
            (9_500, 10_000, 1_200, 2_000),
            (found.Evidence.SeenBefore, found.Evidence.Before, found.Evidence.SeenNow, found.Evidence.Now));

        // Of the sample where one of both has nothing else.
        Assert.Empty(Compare(Counted(9_500, 10_000), Profile(100, ("/domain", 50, JsonKind.String))));
        Assert.Empty(Compare(Profile(100, ("/domain", 50, JsonKind.String)), Counted(1_200, 2_000)));
    }

    [Theory]
    [InlineData(1_000, 200, true)]
    [InlineData(10, 10, true)]
    [InlineData(3, 3, false)]
    public void Another_kind_of_value_is_told_where_it_is_no_chance(int before, int now, bool told)
    {
        var found = Compare(Profile(before, ("/size", before, JsonKind.Number)), Profile(now, ("/size", now, JsonKind.String)));

        Assert.Equal(told ? [(DriftKind.NewKind, "string")] : [], found.Select(drift => (drift.Kind, drift.Detail)));
    }

    [Fact]
    public void Below_a_changed_place_nothing_is_told()
    {
        var found = Compare(
            Profile(500, ("/raw", 500, JsonKind.Object), ("/raw/name", 500, JsonKind.String)),
            Profile(500, ("/data", 500, JsonKind.Array), ("/data/*", 500, JsonKind.String)));

        Assert.Equal([(DriftKind.NewPath, "/data"), (DriftKind.VanishedPath, "/raw")], found.Select(drift => (drift.Kind, drift.Path)));
    }

    [Fact]
    public void A_rare_place_is_new_only_if_enough_earlier_answers_lack_it()
    {
        var rare = Profile(1_000, ("/award", 10, JsonKind.String));

        Assert.Empty(Compare(Profile(1_000, ("/name", 1_000, JsonKind.String)), Profile(1_000, ("/name", 1_000, JsonKind.String), ("/award", 9, JsonKind.String))));
        Assert.Single(new DriftComparison([(1, Profile(5_000)), (2, Profile(5_000))], [], rare).Find());
    }

    [Fact]
    public void After_a_change_is_accepted_only_later_batches_count()
    {
        (int, AnswerProfile)[] before =
        [
            (1, Profile(500, ("/domain", 475, JsonKind.String), ("/name", 500, JsonKind.String))),
            (2, Profile(500, ("/domain", 300, JsonKind.String), ("/name", 500, JsonKind.String))),
        ];
        var same = Profile(500, ("/domain", 300, JsonKind.String), ("/name", 500, JsonKind.String));
        var lower = Profile(500, ("/domain", 100, JsonKind.String));

        Assert.Single(new DriftComparison([before[0]], [], same).Find());
        Assert.Empty(new DriftComparison(before, [("/domain", 2)], same).Find());
        Assert.Equal(
            [(DriftKind.FillRate, "/domain"), (DriftKind.VanishedPath, "/name")],
            new DriftComparison(before, [("/domain", 2)], lower).Find().Select(drift => (drift.Kind, drift.Path)));
    }

    [Fact]
    public void Names_that_are_data_are_compared_with_folded_ones_not_at_all()
    {
        var found = Compare(
            Profile(500, ("/tech", 500, JsonKind.Object), ("/tech/{}", 500, JsonKind.Boolean)),
            Profile(500, ("/tech", 500, JsonKind.Object), ("/tech/aws", 400, JsonKind.Boolean)));

        Assert.Empty(found);
    }

    private static IReadOnlyList<DetectedDrift> Compare(AnswerProfile before, AnswerProfile now) =>
        new DriftComparison([(1, before)], [], now).Find();

    private static AnswerProfile Profile(int answers, params (string Path, int Filled, JsonKind Kind)[] places)
    {
        var paths = places.ToDictionary(place => place.Path, place =>
        {
            var count = new PathCount { Present = place.Filled, Filled = place.Filled };
            count.Kinds[(int)place.Kind] = place.Filled;
            return count;
        });
        return new(answers, false, paths);
    }

    private static AnswerProfile Draw(Random random, int answers, double[] rates)
    {
        var paths = new Dictionary<string, PathCount>();
        for (var place = 0; place < rates.Length; place++)
        {
            var count = new PathCount();
            for (var answer = 0; answer < answers; answer++)
            {
                // Some places are there with null where they have no value, and some values are of a rare kind.
                var has = random.NextDouble() < rates[place];
                if (has || place % 3 == 0)
                {
                    var kind = !has ? JsonKind.Null : random.NextDouble() < 0.002 ? JsonKind.Array : Scalars[place % Scalars.Length];
                    count.Present++;
                    count.Kinds[(int)kind]++;
                    count.Filled += has ? 1 : 0;
                }
            }

            // Tables have counted some places in all answers, of which the sample is a part.
            if (place % 2 == 0)
            {
                (count.All, count.FilledOfAll) = (2 * answers, count.Filled);
                for (var answer = 0; answer < answers; answer++)
                {
                    count.FilledOfAll += random.NextDouble() < rates[place] ? 1 : 0;
                }
            }

            if (count.Present > 0)
            {
                paths.Add($"/place{place}", count);
            }
        }

        return new(answers, false, paths);
    }
}
