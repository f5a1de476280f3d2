using System.Globalization;
using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Reading;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Tests;

/// <content>Queries of typed tables.</content>
public abstract partial class ConsolidationClaims
{
    private static readonly int Queries = int.Parse(
        Environment.GetEnvironmentVariable("ENRICHMENT_QUERIES") ?? "40", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Random_queries_find_and_count_what_an_evaluation_of_every_row_finds()
    {
        foreach (var projection in new[] { AskedLeads.ByItem, AskedLeads.ByKey })
        {
            var known = await AskedAsync(projection);
            for (var seed = 1; seed <= Queries; seed++)
            {
                var random = new Random(seed);
                var client = random.Next(2) == 0 ? "acme" : "globex";
                var asked = AskedCondition.Random(random);
                var order = AskedOrder.Random(random);
                var search = AskedSearch.Random(random);
                var query = search.Of(order.Of(Ask(projection, client).Where(asked.Condition.ToString())));
                var rows = known[client].Where(row => asked.Holds(row) && search.Finds(row));
                string[] expected = [.. order.Sort(rows).Select(row => row.Place)];
                var about = $"{projection.Name}, seed {seed}: {asked.Condition} {order} {search}";

                var found = new List<string>();
                string? cursor = null;
                ProjectedPage page;
                do
                {
                    page = await query.ReadPageAsync(random.Next(1, 12), cursor);
                    Assert.Equal(cursor is null || page.Rows.Count == 0, page.Previous is null);
                    found.AddRange(Places(page));
                    cursor = page.Next;
                }
                while (cursor is not null);

                Assert.True(expected.SequenceEqual(found), $"{about}\n{string.Join('|', expected)}\n{string.Join('|', found)}");
                Assert.Equal(new(expected.Length, false), await query.CountAsync(null));

                // Back from the last page.
                var back = Places(page);
                while (page.Previous is { } previous)
                {
                    page = await query.ReadPageAsync(random.Next(1, 12), previous);
                    Assert.NotNull(page.Next);
                    back = [.. Places(page), .. back];
                }

                Assert.True(expected.SequenceEqual(back), $"{about}, back\n{string.Join('|', expected)}\n{string.Join('|', back)}");
            }
        }

        static string[] Places(ProjectedPage page) => [.. page.Rows.Select(AskedRow.PlaceOf)];
    }

    [Fact]
    public async Task Facets_and_availability_count_what_the_rows_have()
    {
        string[] columns = ["name", "n", "x", "flag", "value", "since", "order", "tags", "size", "is_new"];
        var known = await AskedAsync(AskedLeads.ByItem);
        for (var seed = 1; seed <= Queries / 4; seed++)
        {
            var random = new Random(seed);
            var (asked, own) = (AskedCondition.Random(random), random.Next(2) == 0);
            var search = AskedSearch.Random(random);
            var query = search.Of(Ask(AskedLeads.ByItem).Where(asked.Condition));
            query = own ? query.Where(Condition.Eq("flag", true)) : query;

            var facets = await query.ReadFacetsAsync(columns, limit: 3);

            Assert.Equal(columns, facets.Select(facet => facet.Column));
            foreach (var facet in facets)
            {
                var rows = known["acme"]
                    .Where(row => search.Finds(row) && asked.HoldsWithout(facet.Column, row) && (!own || facet.Column == "flag" || row["flag"] is true))
                    .ToList();
                var values = rows
                    .Select(row => row[facet.Column])
                    .SelectMany(cell => cell is IReadOnlyList<string> list ? list.Distinct() : (IEnumerable<object?>)[cell])
                    .Select(CsvExport.Format)
                    .ToList();
                var expected = values
                    .OfType<string>()
                    .CountBy(value => value, StringComparer.Ordinal)
                    .OrderByDescending(same => same.Value)
                    .ToList();
                var about = $"seed {seed}, {facet.Column}: {asked.Condition}";
                Assert.Equal(
                    (string.Join(',', expected.Take(3).Select(same => same.Value)), about),
                    (string.Join(',', facet.Values.Select(value => value.Rows)), about));
                Assert.All(facet.Values, value =>
                    Assert.Equal(value.Rows, expected.Single(same => same.Key == CsvExport.Format(value.Value)).Value));
                Assert.Equal((values.Count(value => value is null), about), ((int)facet.Missing, about));
                Assert.Equal((expected.Skip(3).Sum(same => same.Value), about), ((int)facet.Others, about));
            }

            var availability = await query.ReadAvailabilityAsync();
            var found = known["acme"].Where(row => search.Finds(row) && asked.Holds(row) && (!own || row["flag"] is true)).ToList();
            Assert.All(availability, column => Assert.Equal(found.Count(row => row[column.Key] is not null), column.Value));
            Assert.Equal(AskedLeads.ByItem.ColumnNames, availability.Keys);
        }
    }

    [Fact]
    public async Task A_count_ends_at_its_cap_and_a_batch_has_its_own_rows()
    {
        await AskedAsync(AskedLeads.ByItem);
        var query = Ask(AskedLeads.ByItem);
        var first = (await query.ReadPageAsync(1)).Rows[0].Batch;

        Assert.Equal(new(70, false), await query.CountAsync());
        Assert.Equal(new(69, true), await query.CountAsync(69));
        Assert.Equal(new(70, false), await query.CountAsync(70));
        Assert.Equal(new(40, false), await query.InBatch(first).CountAsync(null));
        Assert.Equal(new(0, false), await query.InBatch(Guid.NewGuid()).CountAsync());
        Assert.Equal(new(0, false), await Ask(AskedLeads.ByItem, "nobody").CountAsync());
        Assert.Equal(new(0, false), await Ask(AskedLeads.ByItem, "globex").InBatch(first).CountAsync());
    }

    [Fact]
    public async Task Counts_of_all_rows_are_those_of_a_scan_after_retries_prunings_and_a_rollback()
    {
        var (before, after) = (Counted(1), Counted(2));
        var pruned = await LaunchNamesAsync("""{"name":"a","n":1}""", """{"name":"b"}""", """{"n":3}""");
        var other = await LaunchNamesAsync("""{"name":"c"}""", """{"name":"d"}""");
        foreach (var batch in new[] { pruned, other })
        {
            await ground.Store.ConsolidateAsync(before, batch.Key, default);
        }

        await SameAsync(before, [5, 4, 2]);
        await ground.Store.RetryAsync(pruned.Key, 1, [1, 3], sameKey: false, default);
        await ground.AnswerAsync(pruned, 1, last: true, item => item == 1 ? "{}" : """{"name":"z","n":3}""");
        await EndAsync();
        await ground.Store.ConsolidateAsync(before, pruned.Key, default);
        await SameAsync(before, [5, 4, 1]);
        await ground.PruneAsync(pruned);
        await new VersionOperations(ground.Store, after).ApplyAsync(hold: false, default);
        await SameAsync(after, [5, 4, 1]);
        await new VersionOperations(ground.Store, after).RollBackAsync(null, default);
        await SameAsync(before, [5, 4, 1]);

        // They are not counted again: a count that is changed past the store shows.
        await ground.RawAsync("update {schema}.projection_batches set counted = '[7,7,7]' where counted is not null");
        Assert.Equal(new(14, false), await Ask(before).CountAsync(null));
        Assert.Equal(7, (await Ask(before).InBatch(other.Id).ReadAvailabilityAsync())["n"]);
        Assert.Equal(new(5, false), await Ask(before).Where(Every).CountAsync(null));

        async Task SameAsync(Projection projection, long[] expected)
        {
            Assert.Equal(new(expected[0], false), await Ask(projection).CountAsync(null));
            Assert.Equal(expected[1..], (await Ask(projection).ReadAvailabilityAsync()).Values);
            Assert.Equal(expected[1..], (await Ask(projection).Where(Every).ReadAvailabilityAsync()).Values);
        }

        static Projection Counted(int factor) => Projection.Define("counted", p => p
            .Text("name", s => s.Result("vendor.lead", "/name"))
            .Integer("read", s => s.Result("vendor.lead", "/n").Hidden())
            .Is("n", $"read * {factor}"));
    }

    // A filter that each row satisfies.
    private static Condition Every { get; } = Condition.Any(Condition.Exists("name"), Condition.Exists("name", false));

    [Fact]
    public async Task A_filter_that_does_not_fit_the_table_is_refused_with_the_way_to_write_it()
    {
        await AskedAsync(AskedLeads.ByItem);
        (string Json, string Told)[] cases =
        [
            ("""{"field":"nam","exists":true}""", "The table 'asked_leads' has no column 'nam'. Did you mean 'name'"),
            ("""{"field":"jobs","exists":true}""", "has no column 'jobs'. 'jobs' is a child table. Ask for its rows: {\"child\": \"jobs\", \"any\": {…}}."),
            ("""{"field":"batch","eq":1}""", "The table 'asked_leads' has no column 'batch'."),
            ("""{"field":"n","eq":"50"}""", "Column 'n' is an integer, and cannot be compared with the text '50'. Write a whole number without quotes, such as 50."),
            ("""{"field":"n","lt":50.5}""", "Column 'n' is an integer, and cannot be compared with 50.5. Write a whole number without quotes, such as 50."),
            ("""{"field":"n","lt":9223372036854775808}""", "Column 'n' is an integer, and cannot be compared with 9223372036854775808. Write"),
            ("""{"field":"x","lt":1e-400}""", "Column 'x' is a number, and cannot be compared with 1e-400. Write a number of at most 28 digits"),
            ("""{"field":"name","in":["a",5]}""", "Column 'name' is a text, and cannot be compared with 5. Write the text in quotes."),
            ("""{"field":"flag","eq":"true"}""", "Column 'flag' is a boolean, and cannot be compared with the text 'true'. Write true or false without quotes."),
            ("""{"field":"flag","lt":true}""", "Column 'flag' is a boolean, which has no order. Use eq, ne, in or exists."),
            ("""{"field":"value","ge":"2026"}""", "Column 'value' is a date, and cannot be compared with the text '2026'. Write a day in quotes, such as \"2026-02-28\"."),
            ("""{"field":"since","ge":2026}""", "Column 'since' is a partial_date, and cannot be compared with 2026. Write a day, a month or a year in quotes"),
            ("""{"field":"order","ge":"2026-11-30"}""", "Column 'order' is a timestamp, and cannot be compared with the text '2026-11-30'. Write an instant in quotes"),
            ("""{"field":"size","eq":"1-5"}""", "Column 'size' is a bucket 'size', and cannot be compared with the text '1-5'. Write one of its labels: \"1-50\", \"51-200\", \"201+\". Did you mean '1-50'?"),
            ("""{"field":"doc","eq":"x"}""", "Column 'doc' is a json, and cannot be compared with the text 'x'. Of JSON a condition can only ask"),
            ("""{"field":"n","contains":"5"}""", "Column 'n' is an integer, and \"contains\" is for texts."),
            ("""{"field":"tags","gt":"a"}""", "Column 'tags' is a text_list, which has no order."),
            ("""{"child":"job","any":{"field":"title","exists":true}}""", "Projection 'asked_leads' has no child table 'job'. Did you mean 'jobs'?"),
            ("""{"child":"jobs","any":{"field":"titel","exists":true}}""", "The child table 'jobs' has no column 'titel'. Did you mean 'title'?"),
            ("""{"child":"jobs","any":{"field":"years","eq":"x"}}""", "Column 'jobs.years' is an integer, and cannot be compared"),
            ("""{"child":"jobs","any":{"child":"jobs","any":{"field":"title","exists":true}}}""", "Child tables have no children"),
            ("""{"child":"jobs"}""", "filter, $: 'child' has exactly \"any\" beside it"),
            ("""{"field":"name","eq":"a\u0000"}""", "the text holds the character NUL"),
            ("""{"field":"name","contains":"LONG"}""".Replace("LONG", new('x', 1001), StringComparison.Ordinal), "Column 'name' is searched for a text of 1001 characters."),
            ("""{"field":"n","in":[LIST]}""".Replace("LIST", string.Join(',', Enumerable.Range(0, 2000)), StringComparison.Ordinal), "The query compares with more than 1,000 values."),
            (Many("""{"field":"n","exists":true}""", 501), "The query has more than 500 comparisons."),
            ("""{"all":[]}""", "The condition 'all' has no conditions in it."),
        ];
        static string Many(string condition, int times) => $$"""{"any":[{{string.Join(',', Enumerable.Repeat(condition, times))}}]}""";
        var many = Ask(AskedLeads.ByItem).Where(Many("""{"field":"since","in":["2026-11","2026","2025"]}""", 166));
        Assert.Equal(
            await Ask(AskedLeads.ByItem).Where("""{"field":"since","in":["2026-11","2026","2025"]}""").CountAsync(),
            await many.CountAsync());
        Assert.Equal(3, (await many.ReadFacetsAsync(["size", "flag", "name"])).Count);
        foreach (var (json, told) in cases)
        {
            var refused = await Assert.ThrowsAsync<EnrichmentException>(() => Ask(AskedLeads.ByItem).Where(json).ReadPageAsync());
            Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        }

        await ToldAsync(() => Ask(AskedLeads.ByItem).OrderBy("nmae").ReadPageAsync(), "has no column 'nmae'. Did you mean 'name'");
        await ToldAsync(() => Ask(AskedLeads.ByItem).OrderBy("Name").ReadPageAsync(), "has no column 'Name'. Write 'name': names are in lower case.");
        await ToldAsync(() => Ask(AskedLeads.ByItem).OrderBy("tags").ReadPageAsync(), "by which rows cannot be sorted");
        await ToldAsync(() => Ask(AskedLeads.ByItem).OrderBy("n").OrderBy("n", true).ReadPageAsync(), "sorted by 'n' twice");
        await ToldAsync(() => Ask(AskedLeads.ByItem).ReadFacetsAsync(["doc"]), "of which no values are counted");
        await ToldAsync(() => Ask(AskedLeads.ByItem).ReadFacetsAsync(["flag", "flag"]), "each given once");
        await ToldAsync(() => Ask(AskedLeads.ByItem).ReadPageAsync(0), "The limit is 0. Give a number from 1 to 1000.");
        await ToldAsync(() => Ask(AskedLeads.ByKey).ReadPageAsync(), "has no table yet");

        static async Task ToldAsync(Func<Task> ask, string told) =>
            Assert.Contains(told, (await Assert.ThrowsAsync<EnrichmentException>(ask)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_serves_its_own_query_of_its_client_and_version_alone()
    {
        await AskedAsync(AskedLeads.ByItem);
        var query = Ask(AskedLeads.ByItem).OrderBy("name").OrderBy("x", descending: true).OrderBy("since").OrderBy("order");
        var cursor = (await query.ReadPageAsync(30)).Next!;

        await RefusedAsync(Ask(AskedLeads.ByItem).OrderBy("x"), cursor, "one of another query");
        await RefusedAsync(query.Where(Condition.Exists("n")), cursor, "one of another query");
        await RefusedAsync(query.Search("acme"), cursor, "one of another query");
        await RefusedAsync(query.AsOf(new(2020, 1, 1)), cursor, "one of another query");
        await RefusedAsync(Ask(AskedLeads.ByItem, "globex").OrderBy("name").OrderBy("x", true).OrderBy("since").OrderBy("order"), cursor, "one of another client");
        var random = new Random(1);
        for (var attempt = 0; attempt < 500; attempt++)
        {
            var damaged = cursor.ToCharArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                damaged[random.Next(damaged.Length)] = "ABab01_-=+/ é"[random.Next(13)];
            }

            var text = new string(damaged);
            await UnharmedAsync(query, random.Next(4) == 0 ? text[..random.Next(text.Length)] : text);
        }

        // Another version is live: old and new hosts see its columns, and a walk begins again.
        await Of(AskedLeads.Widened).ApplyAsync(hold: false, default);
        await RefusedAsync(query, cursor, "was made for version 1 of the table, and version 2 is live now");
        Assert.Equal(new(1, false), await Ask(AskedLeads.ByItem).Where(Condition.Eq("copy", "acme 35")).CountAsync());
        Assert.Equal(AskedLeads.Widened.ColumnNames, (await query.ReadPageAsync(5)).Columns);

        // A damaged cursor may still be one; it never harms.
        static async Task UnharmedAsync(ProjectionQuery query, string cursor)
        {
            try
            {
                await query.ReadPageAsync(5, cursor);
            }
            catch (EnrichmentException refused)
            {
                Assert.Contains("Begin again without a cursor", refused.Message.Replace("begin", "Begin", StringComparison.Ordinal), StringComparison.Ordinal);
            }
        }

        static async Task RefusedAsync(ProjectionQuery query, string cursor, string told)
        {
            var refused = await Assert.ThrowsAsync<EnrichmentException>(() => query.ReadPageAsync(5, cursor));
            Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_filter_that_is_damaged_in_any_way_is_answered_or_refused()
    {
        await AskedAsync(AskedLeads.ByItem);
        string[] pieces = ["\"", "{", "}", "[", "]", ":", ",", "null", "true", "-1e9", "1e999", "\\ud800", "\\u0000", "'", "--", "field", "any", "not", "0", " ", "\0", "é"];
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var text = AskedCondition.Random(random).Condition.ToString();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var from = random.Next(text.Length);
                text = text[..from] + (random.Next(2) == 0 ? pieces[random.Next(pieces.Length)] : "") + text[Math.Min(text.Length, from + random.Next(4))..];
            }

            try
            {
                await Ask(AskedLeads.ByItem).Where(text).CountAsync();
            }
            catch (EnrichmentException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }

        Assert.Equal(new(70, false), await Ask(AskedLeads.ByItem).CountAsync());
    }

    private ProjectionQuery Ask(Projection projection, string client = "acme") =>
        ground.Ask(projection, client);

    // Two clients, two batches of the first; the rows as the export has them, with their children.
    private async Task<Dictionary<string, List<AskedRow>>> AskedAsync(Projection projection)
    {
        var known = new Dictionary<string, List<AskedRow>>();
        var seed = 0;
        foreach (var (client, rows) in new[] { ("acme", 40), ("globex", 20), ("acme", 30) })
        {
            await ConsolidatedAsync(projection, client, rows, ++seed);
        }

        foreach (var client in new[] { "acme", "globex" })
        {
            var children = (await ground.ChildrenAsync(projection, "jobs", client)).ToLookup(child => (child.Batch, child.Item));
            known[client] = await ground.Store
                .ReadProjectionAsync(projection, client, null, ground.AsOf, default)
                .Select(row => new AskedRow(
                    AskedRow.PlaceOf(row),
                    Named(projection.ColumnNames, row.Values),
                    [
                        .. children[(row.Batch, row.Item)].Select(child =>
                            new AskedRow("", Named(["title", "years", "began"], child.Values), [])),
                    ]))
                .ToListAsync();
        }

        return known;

        static Dictionary<string, object?> Named(IReadOnlyList<string> columns, IReadOnlyList<object?> values) =>
            columns.Zip(values).ToDictionary(cell => cell.First, cell => cell.Second);
    }
}
