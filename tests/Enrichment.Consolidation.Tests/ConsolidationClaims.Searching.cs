using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tests;

/// <content>Searching typed tables for words.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_search_finds_rows_whose_words_begin_so_and_follows_retries_prunes_and_new_versions()
    {
        var batch = await LaunchNamesAsync("""{"name":"Smith, Anna"}""", """{"name":"Ann-Kathrin M\u00fcller"}""", """{"name":"Bob"}""");
        await ground.Store.ConsolidateAsync(Searched(1), batch.Key, default);
        Assert.Equal([1], await FoundAsync(1, "ANN smi"));
        Assert.Equal([2], await FoundAsync(1, "muller kath"));
        Assert.Equal([2], await FoundAsync(1, "M\u00dcLL"));
        Assert.Equal([1, 2], await FoundAsync(1, "an"));
        Assert.Equal([1, 2, 3], await FoundAsync(1, "vip"));
        Assert.Empty(await FoundAsync(1, "nna"));
        Assert.Empty(await FoundAsync(1, "ann bob"));

        // What is retried is found by its new words alone.
        await ground.Store.RetryAsync(batch.Key, 1, [1, 2, 3], sameKey: false, default);
        await ground.AnswerAsync(batch, 1, last: true, item => item == 3 ? """{"name":"Anton"}""" : """{"name":"Zoe"}""");
        await EndAsync();
        await ground.Store.ConsolidateAsync(Searched(1), batch.Key, default);
        Assert.Equal([3], await FoundAsync(1, "an"));
        Assert.Equal([1, 2], await FoundAsync(1, "zoe"));

        Assert.Empty(await FoundAsync(1, "row"));

        // A pruned batch is copied into the next version, which searches another column too.
        await ground.PruneAsync(batch);
        await new VersionOperations(ground.Store, Searched(2)).ApplyAsync(hold: false, default);
        Assert.Equal([3], await FoundAsync(2, "ant row"));
        Assert.Equal([1, 2], await FoundAsync(2, "zoe"));
        await ground.Store.RebuildAsync(Searched(2), default);
        Assert.Equal([3], await FoundAsync(2, "ant row"));
    }

    [Fact]
    public async Task A_search_without_a_word_or_a_searched_column_is_refused()
    {
        await ground.Store.ConsolidateAsync(Plain, (await LaunchNamesAsync("""{"name":"Bob"}""")).Key, default);

        await RefusedAsync(() => Ask(Plain).Search("bob").ReadPageAsync(), "The table 'plain' has no column that is searched. Give one \"search\": true");
        await RefusedAsync(() => Ask(Plain).Search(" -- ").ReadPageAsync(), "The search for ' -- ' has no word. Give letters or digits.");
        await RefusedAsync(() => Ask(Plain).Search(new string('x', 1001)).ReadPageAsync(), "The search has 1001 characters. Give at most 1,000.");
        await RefusedAsync(() => Ask(Plain).Search(string.Join(' ', Enumerable.Range(0, 21))).ReadPageAsync(), "The search has 21 words. Give at most 20.");
        await RefusedAsync(() => Ask(Plain).Search("a\0").ReadPageAsync(), "NUL");
        await RefusedAsync(() => Ask(Plain).Search("a\ud800").ReadPageAsync(), "surrogate");

        static async Task RefusedAsync(Func<Task> ask, string told) =>
            Assert.Contains(told, (await Assert.ThrowsAsync<EnrichmentException>(ask)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folded_rows_are_searched_by_their_folded_cells()
    {
        var folded = Projection.Define("folded", p => p
            .Key("id")
            .FoldColumns()
            .Text("id", s => s.Result("vendor.lead", "/id"))
            .Text("name", s => s.Result("vendor.lead", "/name").Searched())
            .Text("city", s => s.Result("vendor.lead", "/city").Searched()));
        var batch = await LaunchNamesAsync("""{"id":"1","name":"Ann","city":"Ulm"}""", """{"id":"1","name":"Zoe"}""", """{"id":"2","city":"Ulm"}""");
        await ground.Store.ConsolidateAsync(folded, batch.Key, default);

        Assert.Equal(new(1, false), await Ask(folded).Search("zoe ulm").CountAsync());
        Assert.Equal(new(2, false), await Ask(folded).Search("ulm").CountAsync());
        Assert.Equal(new(0, false), await Ask(folded).Search("ann").CountAsync());
    }

    [Fact]
    public async Task A_search_is_served_by_an_index()
    {
        await AskedAsync(AskedLeads.ByKey);
        foreach (var order in new (string, bool)[][] { [], [("name", true)], [("x", false)] })
        {
            var plan = string.Join('\n', await PlanAsync(statement =>
            {
                var keys = statement.Order(order);
                return statement.Page(statement.Where([], null, ["acme", "1"]), keys, null);
            }, isSearch: true));

            var byWords = ground is SqliteGround ? "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)" : "Bitmap Index Scan on projection_1_v1_search";
            Assert.Contains(byWords, plan, StringComparison.Ordinal);
            Assert.DoesNotContain("_ix", plan, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Smith, Anna-Lena", "anna lena smith")]
    [InlineData("M\u00fcller & S\u00f8nner GmbH & Co. KG", "co gmbh kg muller sonner")]
    [InlineData("STRASSE stra\u00dfe", "strasse")]
    [InlineData("e\u0301t\u00e9 \u0130stanbul", "ete istanbul")]
    [InlineData("C++ 3.5% \u00bd", "1 2 3 5 c")]
    [InlineData("\u682a\u5f0f\u4f1a\u793e \u041c\u043e\u0441\u043a\u0432\u0430", "\u043c\u043e\u0441\u043a\u0432\u0430 \u682a\u5f0f\u4f1a\u793e")]
    [InlineData(" -- \u0301 ", "")]
    public void Words_are_runs_of_letters_and_digits_without_case_and_diacritics(string text, string words) =>
        Assert.Equal(words, string.Join(' ', SearchedWords.Of([text])));

    private static Projection Plain { get; } = Projection.Define("plain", p => p.Text("name", s => s.Result("vendor.lead", "/name")));

    private static Projection Searched(int version) => Projection.Define("searched", p => p
        .Text("name", s => s.Result("vendor.lead", "/name").Searched())
        .Text("row", s => _ = version > 1 ? s.Column("Row").Searched() : s.Column("Row"))
        .Is("mark", "'VIP'", searched: true));

    private async Task<List<int>> FoundAsync(int version, string text) =>
        [.. (await Ask(Searched(version)).Search(text).ReadPageAsync()).Rows.Select(row => row.Item)];

    private async Task<Batch> LaunchNamesAsync(params string[] answers)
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["Row"], [], [.. answers.Select(_ => (string?[])["row"])]), ("vendor.lead", []));
        await ground.AnswerAsync(batch, 1, last: true, item => answers[item - 1]);
        await EndAsync();
        return batch;
    }

    private async Task EndAsync()
    {
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.CompleteBatchesAsync(default);
    }
}
