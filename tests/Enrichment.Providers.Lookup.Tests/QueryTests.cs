using System.Text.Json;

namespace Enrichment.Providers.Lookup.Tests;

/// <summary>What a query answers, the same on both databases.</summary>
public abstract class QueryTests : IAsyncLifetime
{
    private const string Told =
        """, "provenance": { "outcome": "known.outcome", "source": "known.source", "name": "warehouse", "observedAt": "known.at" }""";
    private const string Aged = """, "freshness": { "column": "observed", "days": 90 }, "nothing": { "column": "absent", "days": 30 }""";

    private const string Companies = """
        drop table if exists companies;
        create table companies (domain text, size integer, industry text, observed timestamptz, absent boolean);
        insert into companies values
            ('acme.com', 42, 'Anvils', '2025-12-01T12:00:00Z', false),
            ('half.com', 7, null, '2025-12-01T12:00:00Z', null),
            ('empty.com', null, null, '2025-12-01T12:00:00Z', false),
            ('stale.com', 7, 'Dust', '2025-10-02T23:59:59Z', false),
            ('barely.com', 7, 'Dust', '2025-10-03T00:00:00Z', false),
            ('future.com', 7, 'Dust', '2026-10-03T00:00:00Z', false),
            ('undated.com', 8, 'Fog', null, false),
            ('gone.com', 99, 'Leftovers', '2025-12-02T00:00:00Z', true),
            ('gone-again.com', null, null, '2025-12-01T23:59:59Z', true),
            ('twice.com', 1, 'Old', '2025-11-01T00:00:00Z', false),
            ('twice.com', 2, 'New', '2025-12-01T00:00:00Z', false),
            ('twice.com', 3, 'Undated', null, false);
        """;

    /// <summary>The property of the settings that names the database.</summary>
    protected abstract string Source { get; }

    /// <summary>An expression for the keys of a parameter, as rows.</summary>
    protected abstract string Keys(string parameter);

    protected abstract Task ExecuteAsync(string sql);

    public virtual Task InitializeAsync() => ExecuteAsync(Companies);

    public virtual Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_row_answers_with_its_columns_and_says_where_it_comes_from()
    {
        var lookup = Select("*", Aged + Told);

        Assert.Equal(
            """{"company.size":42,"company.industry":"Anvils","known.outcome":"found","known.source":"warehouse","known.at":"2025-12-01T12:00:00Z"}""",
            await SaidAsync(lookup, "acme.com"));
        Assert.Equal(
            """{"company.size":7,"company.industry":null,"known.outcome":"found","known.source":"warehouse","known.at":"2025-12-01T12:00:00Z"}""",
            await SaidAsync(lookup, "half.com"));
    }

    [Fact]
    public async Task No_row_and_a_row_without_a_value_are_an_answer_without_data()
    {
        var lookup = Select("*", Aged + Told);

        Assert.Equal("NotFound: There is no row for the item.", await SaidAsync(lookup, "nobody.com"));
        Assert.Equal("NotFound: The item's row has no value in it.", await SaidAsync(lookup, "empty.com"));
    }

    [Theory]
    [InlineData("stale.com", "Stale", null)]
    [InlineData("barely.com", "Stale", "found")]
    [InlineData("future.com", "Stale", "found")]
    [InlineData("undated.com", "Stale", null)]
    [InlineData("undated.com", "Fresh", "found")]
    [InlineData("gone.com", "Stale", "nothing")]
    [InlineData("gone-again.com", "Stale", null)]
    public async Task A_row_answers_as_long_as_it_is_fresh_and_a_known_negative_by_its_own_measure(
        string domain,
        string undated,
        string? outcome)
    {
        var lookup = Select("*", Aged.Replace("90", $"90, \"undated\": \"{undated}\"", StringComparison.Ordinal) + Told);

        var answer = await lookup.AskAsync(domain);

        Assert.Equal(
            outcome,
            answer.Kind == StepOutcomeKind.Completed ? JsonElement.Parse(answer.Result.Span).GetProperty("known.outcome").GetString() : null);
        Assert.Equal(outcome is null ? StepOutcomeKind.NotFound : StepOutcomeKind.Completed, answer.Kind);
    }

    [Fact]
    public async Task Of_a_known_negative_nothing_is_told_but_that() =>
        Assert.Equal(
            """{"known.outcome":"nothing","known.source":"warehouse","known.at":"2025-12-02T00:00:00Z"}""",
            await SaidAsync(Select("*", Aged + Told), "gone.com"));

    [Fact]
    public async Task Rows_grow_old_by_the_clock_of_the_engine()
    {
        var lookup = Select("*", Aged + Told);
        Assert.Equal(StepOutcomeKind.Completed, (await lookup.AskAsync("acme.com")).Kind);

        lookup.Clock.Advance(TimeSpan.FromDays(60));

        Assert.Equal(StepOutcomeKind.NotFound, (await lookup.AskAsync("acme.com")).Kind);
    }

    [Fact]
    public async Task Without_freshness_rows_do_not_age() =>
        Assert.Equal(
            """{"company.size":7,"company.industry":"Dust"}""",
            await SaidAsync(Select("domain, size, industry", ""), "stale.com"));

    [Fact]
    public async Task One_query_serves_a_thousand_items_and_equal_keys_are_asked_once()
    {
        var lookup = Query(
            $"select domain, (select count(*) from {Keys("domain")}) as size, industry from companies where domain in (select value from {Keys("domain")})",
            "");
        var records = Enumerable
            .Range(0, 1000)
            .Select(i => new Dictionary<string, string?>
            {
                ["company.domain"] = i % 2 == 0 ? $"https://WWW.Acme.com/{i}" : $"other{i}.com",
            });

        var answers = await lookup.AskAsync([.. records]);

        Assert.Equal(500, answers.Count(answer => TryLookup.Said(answer) == """{"company.size":501,"company.industry":"Anvils"}"""));
        Assert.Equal(500, answers.Count(answer => answer.Kind == StepOutcomeKind.NotFound));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("n/a")]
    [InlineData("not a domain")]
    public async Task A_record_without_a_key_is_skipped(string? domain) =>
        Assert.Equal("Skipped: The record lacks a part of the key: company.domain (Domain).", await SaidAsync(Select("*", ""), domain));

    [Theory]
    [InlineData("acme.com'; drop table companies; --.com")]
    [InlineData("x' or '1'='1")]
    [InlineData("[\"acme.com\"]")]
    [InlineData("{acme.com}")]
    [InlineData("\\")]
    public async Task Text_of_a_record_is_a_value_and_nothing_else(string name)
    {
        var lookup = Query(
            $"select domain as name, size, industry from companies where domain in (select value from {Keys("name")})",
            "",
            """{ "name": { "field": "company.name", "as": "Exact" } }""");

        var answers = await lookup.AskAsync([new() { ["company.name"] = name }, new() { ["company.name"] = "acme.com" }]);

        Assert.Equal(
            ["NotFound: There is no row for the item.", """{"company.size":42,"company.industry":"Anvils"}"""],
            answers.Select(TryLookup.Said));
    }

    [Fact]
    public async Task Keys_that_the_database_returns_are_normalized_and_those_not_asked_for_are_left()
    {
        await ExecuteAsync("insert into companies (domain, size) values ('WWW.Shout.COM', 5), (null, 6), ('no domain', 7)");

        Assert.Equal(
            """{"company.size":5,"company.industry":null}""",
            await SaidAsync(Query($"select * from companies where @domain is not null", ""), "shout.com"));
    }

    [Fact]
    public async Task A_key_may_have_several_columns()
    {
        await ExecuteAsync(
            "drop table if exists people; create table people (name text, domain text, size integer, industry text); insert into people values ('jane doe', 'acme.com', 1, 'a'), ('jane doe', 'bolt.com', 2, 'b'), ('joe', 'acme.com', 3, 'c')");
        var lookup = Query(
            $"select * from people where name in (select value from {Keys("name")}) and domain in (select value from {Keys("domain")})", "",
            """{ "domain": { "field": "company.domain", "as": "Domain" }, "name": { "field": "company.name" } }""");

        var answers = await lookup.AskAsync([
            Both("Jane  DOE", "acme.com"),
            Both("jane doe", "bolt.com"),
            Both("Joe", "bolt.com"),
            Both("Joe", null),
        ]);

        Assert.Equal(
            [
                """{"company.size":1,"company.industry":"a"}""",
                """{"company.size":2,"company.industry":"b"}""",
                "NotFound: There is no row for the item.",
                "Skipped: The record lacks a part of the key: company.domain (Domain), company.name (Text).",
            ],
            answers.Select(TryLookup.Said));

        static Dictionary<string, string?> Both(string name, string? domain) =>
            new() { ["company.name"] = name, ["company.domain"] = domain };
    }

    [Fact]
    public async Task Several_rows_of_a_key_are_a_fault_of_their_item_unless_the_freshest_is_asked_for()
    {
        var one = await Select("*", Aged + Told)
            .AskAsync([new() { ["company.domain"] = "twice.com" }, new() { ["company.domain"] = "acme.com" }]);

        Assert.Equal(
            "Failed Permanent: There are several rows for the item, and Rows is One. Make the key unique, or set Rows to Freshest.",
            TryLookup.Said(one[0]));
        Assert.Equal(StepOutcomeKind.Completed, one[1].Kind);
        Assert.StartsWith(
            """{"company.size":2,"company.industry":"New",""",
            await SaidAsync(Select("*", Aged + Told + """, "rows": "Freshest" """), "twice.com"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2025-12-20T00:00:00Z", "nothing")]
    [InlineData("2025-11-20T00:00:00Z", "found")]
    public async Task Known_negatives_may_stand_in_a_table_of_their_own(string asked, string outcome)
    {
        await ExecuteAsync(
            $"drop table if exists not_found; create table not_found (domain text, observed timestamptz); insert into not_found values ('acme.com', '{asked}')");
        var both = Query(
            $"""
            select domain, size, industry, observed, false as absent from companies where domain in (select value from {Keys("domain")})
            union all
            select domain, null, null, observed, true from not_found where domain in (select value from {Keys("domain")})
            """,
            Aged + Told + """, "rows": "Freshest" """);

        Assert.Contains($"\"known.outcome\":\"{outcome}\"", await SaidAsync(both, "acme.com"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cast('{\"a\":[1,null]}' as json)", "json", """{"a":[1,null]}""")]
    [InlineData("3", "bigint", "3")]
    [InlineData("9007199254740993", "bigint", "9007199254740993")]
    [InlineData("0.1", "real", "0.1")]
    [InlineData("'2026-02-03'", "date", "\"2026-02-03\"")]
    [InlineData("'Søren \"Ä\"'", "text", "\"Søren \\\"Ä\\\"\"")]
    [InlineData("true", "boolean", "true")]
    public async Task Types_become_those_of_json(string value, string type, string json)
    {
        await ExecuteAsync(
            $"drop table if exists typed; create table typed (domain text, size {type}); insert into typed values ('acme.com', {(type == "json" && Source.Contains("file", StringComparison.Ordinal) ? "'{\"a\":[1,null]}'" : value)})");

        var answer = await Query(
                $"select domain, size, 'x' as industry from typed where domain in (select value from {Keys("domain")})",
                "")
            .AskAsync("acme.com");

        Assert.Equal(JsonElement.Parse(json).ToString(), JsonElement.Parse(answer.Result.Span).GetProperty("company.size").ToString());
        Assert.Equal(JsonElement.Parse(json).ValueKind, JsonElement.Parse(answer.Result.Span).GetProperty("company.size").ValueKind);
    }

    [Fact]
    public async Task A_value_that_json_cannot_hold_costs_its_own_item()
    {
        var blob = Source.Contains("file", StringComparison.Ordinal) ? "blob" : "bytea";
        var answer = await Query(
                $"select domain, case when domain = 'acme.com' then cast('x' as {blob}) end as size, industry from companies where domain in (select value from {Keys("domain")})",
                "")
            .AskAsync([new() { ["company.domain"] = "acme.com" }, new() { ["company.domain"] = "barely.com" }]);

        Assert.Matches(
            "^Failed Permanent: a value of the type (BLOB|bytea) has no form in JSON. Cast it in the query.$",
            TryLookup.Said(answer[0]));
        Assert.Equal("""{"company.size":null,"company.industry":"Dust"}""", TryLookup.Said(answer[1]));
    }

    [Fact]
    public async Task A_date_that_is_none_is_told()
    {
        var answer = await Query(
                $"select domain, size, industry, '31.12.2025' as observed, false as absent from companies where domain in (select value from {Keys("domain")})",
                Aged + Told)
            .AskAsync("acme.com");

        Assert.StartsWith(
            "Failed Permanent: the value that dates the row is not a date",
            TryLookup.Said(answer),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_the_query_does_not_return_is_named_with_those_that_it_does() => Assert.Equal(
        "Failed Configuration: The query has no column 'industry'. It has domain, size. Correct the name in the settings or there.",
        await SaidAsync(Select("domain, size", ""), "acme.com"));

    [Theory]
    [InlineData("select domain, size, industri\nfrom companies where domain in (select value from KEYS)", "line 1, column 22, 'industri'")]
    [InlineData(
        "select domain, size, industry\nfrom companys where domain in (select value from KEYS)",
        "line 2, column 6, 'companys where domain in")]
    [InlineData(
        "select domain, size, industry\nfrom companies\n  where domain inn (select value from KEYS)",
        "line 3, column 16, 'inn (select value from")]
    public async Task A_fault_of_a_query_is_told_with_its_place_and_without_data(string query, string place)
    {
        var answer = await Query(query.Replace("KEYS", Keys("domain"), StringComparison.Ordinal), "").AskAsync("canary.com");

        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.Permanent), (answer.Kind, answer.ErrorClass));
        Assert.StartsWith("The query cannot be run: ", answer.Reason, StringComparison.Ordinal);
        Assert.Contains(place, answer.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_place_is_that_in_the_settings_also_behind_a_parameter()
    {
        var line = $"where domain in (select value from {Keys("domain")}) and industri is null";

        var answer = await Query("select domain, size, industry from companies\n" + line, "").AskAsync("acme.com");

        Assert.Contains(
            $"at line 2, column {line.IndexOf("industri", StringComparison.Ordinal) + 1}, 'industri is null'",
            answer.Reason,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delete from companies where @domain is not null returning domain, size, industry")]
    [InlineData("select 1) as x; delete from companies where @domain is not null; select * from (select 1")]
    public async Task A_lookup_writes_nothing(string query)
    {
        Assert.Equal(StepOutcomeKind.Failed, (await Query(query, "").AskAsync("acme.com")).Kind);

        Assert.Equal(StepOutcomeKind.Completed, (await Select("*", "").AskAsync("acme.com")).Kind);
    }

    [Fact]
    public async Task More_rows_than_were_said_are_refused()
    {
        var lookup = Query("select * from companies where @domain is not null", """, "maxRows": 11""");

        Assert.Equal(
            "Failed Configuration: The query returns more than 11 rows for one call. Have it return one for each key, or raise maxRows.",
            await SaidAsync(lookup, "acme.com"));
        Assert.Equal(
            StepOutcomeKind.Completed,
            (await Query("select * from companies where @domain is not null", """, "maxRows": 12""").AskAsync("acme.com")).Kind);
    }

    [Fact]
    public async Task A_semicolon_and_a_comment_at_the_end_do_no_harm() =>
        Assert.Equal(
            """{"company.size":42,"company.industry":"Anvils"}""",
            await SaidAsync(
                Query($"select * from companies where domain in (select value from {Keys("domain")}) -- '@domain\n ;\n", ""),
                "acme.com"));

    private protected static async Task<string> SaidAsync(TryLookup lookup, string? domain) =>
        TryLookup.Said(await lookup.AskAsync(domain));

    private protected TryLookup Select(string columns, string more) =>
        Query($"select {columns} from companies where domain in (select value from {Keys("domain")})", more);

    private protected TryLookup Query(
        string query,
        string more,
        string key = """{ "domain": { "field": "company.domain", "as": "Domain" } }""",
        TimeSpan? timeout = null) =>
        TryLookup.Of(
            "lookup.sql",
            $$"""{ {{Source}}, "query": {{JsonSerializer.Serialize(query)}}, "key": {{key}}, "fields": { "company.size": "size", "company.industry": "industry" }{{more}} }""",
            timeout);
}
