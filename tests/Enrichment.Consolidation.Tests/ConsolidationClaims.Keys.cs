
namespace Enrichment.Consolidation.Tests;

/// <content>Tables with one row a key.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task By_key_the_youngest_item_wins_in_whatever_order_batches_are_consolidated()
    {
        var batches = new[] { await Leads.RunAsync(ground, 900), await Leads.RunAsync(ground, 900, first: 400) };

        await ground.Store.ConsolidateAsync(Leads.ByEmail, batches[1].Key, default);
        await ground.Store.ConsolidateAsync(Leads.ByEmail, batches[0].Key, default);
        var backwards = await ground.Sha256Async(Leads.ByEmail);
        await ground.RawAsync("drop view {schema}.people");
        await ground.Store.RebuildAsync(Leads.ByEmail, default);

        Assert.Equal(await ground.Sha256Async(Leads.ByEmail), backwards);
        var emails = (await ground.RowsAsync(Leads.ByEmail)).Select(row => (string)row[0]!).ToList();
        Assert.Equal(emails.Distinct().Count(), emails.Count);
    }

    [Fact]
    public async Task An_item_without_a_key_has_no_row_and_an_issue()
    {
        var long_ = new string('x', 1001);
        var upload = await ground.UploadAsync(
            "acme",
            ["Email", "N"],
            NoMap,
            [
                ["a@x", "1"],
                [" ", "2"],
                [long_, "3"],
                ["b@x", "four"],
                [new string('é', 400), "5"],
            ]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        var projection = Projection.Define(
            "keyed",
            p => p.Key("email", "n").Text("email", s => s.Column("Email")).Integer("n", s => s.Column("N")));

        var report = await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(2, report.Rows);
        Assert.Equal([["a@x", 1L], [new string('é', 400), 5L]], await ground.RowsAsync(projection));
        Assert.Equal(
            [
                new(batch.Id, 2, "email", null, "no_key", ""),
                new(batch.Id, 3, "email", null, "long_key", long_[..200]),
                new(batch.Id, 4, "n", "column N", "cast", "four"),
            ],
            await ground.IssuesAsync(projection));
    }

    [Fact]
    public async Task A_key_that_its_youngest_item_gave_up_goes_back_to_the_next()
    {
        var upload = await ground.UploadAsync("acme", ["Email"], new() { ["e"] = [0] }, [["a@x"]]);
        var old = await ground.LaunchAsync(upload, ("one", ["e", "v"]));
        var young = await ground.LaunchAsync(upload, ("one", ["e", "v"]));
        await ground.AnswerAsync(old, 1, last: true, _ => """{"v":"old"}""");
        await ground.AnswerAsync(young, 1, last: true, _ => """{"v":"young"}""");
        var projection = Projection.Define("keyed", p => p.Key("email").Text("email", s => s.Field("e")).Text("v", s => s.Field("v")));
        await ground.Store.ConsolidateAsync(projection, old.Key, default);
        await ground.Store.ConsolidateAsync(projection, young.Key, default);
        Assert.Equal([["a@x", "young"]], await ground.RowsAsync(projection));

        await ground.Store.RetryAsync(young.Key, 1, [1], sameKey: false, default);
        await ground.AnswerAsync(young, 1, last: true, _ => """{"v":"young","e":"b@x"}""");
        await ground.Store.ConsolidateAsync(projection, young.Key, default);

        Assert.Equal([["a@x", "old"], ["b@x", "young"]], await ground.RowsAsync(projection));
    }
}
