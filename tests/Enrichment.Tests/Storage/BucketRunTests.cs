namespace Enrichment.Tests.Storage;

public sealed class BucketRunTests
{
    private static readonly Guid Upload = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Chosen_rows_are_covered_once_each_and_by_nothing_else()
    {
        int[] rows = [1, 2, 3, 7, 999, 1000, 1001, 1002, 70_000];

        var runs = BucketRun.Of(Upload, rows);

        Assert.Equal(rows, runs.SelectMany(run => Enumerable.Range(run.First, run.Last - run.First + 1)));
        Assert.Equal([(1, 3), (7, 7), (999, 1000), (1001, 1002), (70_000, 70_000)], runs.Select(run => (run.First, run.Last)));
        Assert.All(runs, run => Assert.Equal([run.Bucket, run.Bucket], [Bucket.Of(Upload, run.First), Bucket.Of(Upload, run.Last)]));
    }

    [Fact]
    public void A_number_that_no_row_can_have_is_left_out() =>
        Assert.Equal([new((short)Bucket.Of(Upload, 5), 5, 5)], BucketRun.Of(Upload, [-3, 0, 5]));
}
