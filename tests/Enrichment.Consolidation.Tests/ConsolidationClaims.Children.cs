using System.Globalization;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Consolidation.Tests;

/// <content>Child tables: a row of each element of an array.</content>
public abstract partial class ConsolidationClaims
{
    private static readonly Projection People = Projection.Define("people_now", p => p
        .Text("name", s => s.Result("vendor.person", "/name"))
        .Is("jobs", "count(work_history)")
        .Is("was_engineer", "any(work_history where not is_current and contains(lower(title), 'engineer'))")
        .Is("first_job", "first(work_history where start_date is not null ; title by start_date)")
        .Is("companies", "list(work_history ; company by start_date desc)")
        .Children("work_history", c => c
            .Table("person_work_history")
            .Each(s => s.Result("vendor.person", "/raw/experience").Result("vendor.person", "/experience"))
            .Key("company", "title")
            .Text("company", s => s.At("/company/domain").At("/company_domain").Normalise("domain"))
            .Text("title", s => s.At("/title").Required())
            .Date("start_date", s => s.At("/from"))
            .Boolean("is_current", s => s.At("/current").Default(false))
            .Is("year", "year(start_date)")));

    [Fact]
    public async Task Each_element_of_an_array_is_a_child_row_that_expressions_of_the_row_see()
    {
        var (batch, _) = await PeopleAsync(
            """{"name":"Ann","raw":{"experience":" \n"},"experience":[{"company":{"domain":"www.acme.com"},"title":"Engineer","from":"2018-03-01"},{"company_domain":"https://globex.com/x","title":"CTO","from":"2022-01-01","current":true}]}""",
            """{"name":"Bob","raw":{"experience":"[{\"company\":\"{\\\"domain\\\":\\\"acme.com\\\"}\",\"title\":\"Boss\"},{\"title\":\"Intern\",\"from\":\"soon\"}]"},"experience":[{"title":"unread"}]}""",
            """{"name":"Cyd","experience":[null,7,"x",{"title":" "},{"title":"A","from":"2020-01-01"},{"title":"A"}]}""",
            """{"name":"Dee","raw":{"experience":"n/a"},"experience":{"title":"not in an array"}}""",
            """{"name":"Eve","raw":"{\"experience\":[{\"title\":\"Engineer\"}]}"}""");
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.CompleteBatchesAsync(default);

        await ground.Store.ConsolidateAsync(People, batch.Key, default);

        Assert.Equal(
            [
                ["Ann", 2L, true, "Engineer", new[] { "globex.com", "acme.com" }],
                ["Bob", 2L, false, null, Array.Empty<string>()],
                ["Cyd", 2L, null, "A", Array.Empty<string>()],
                ["Dee", 0L, false, null, Array.Empty<string>()],
                ["Eve", 1L, true, null, Array.Empty<string>()],
            ],
            await ground.RowsAsync(People));
        Assert.Equal(
            [
                "2 work_history.start_date element /from cast soon",
                "3 work_history  twin ",
                "3 work_history result vendor.person /experience shape ",
                "3 work_history result vendor.person /experience shape 7",
                "3 work_history result vendor.person /experience shape x",
                "3 work_history.title  missing ",
                "4 work_history result vendor.person /experience shape {\"title\":\"not in an array\"}",
            ],
            (await ground.IssuesAsync(People))
                .Select(issue => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{issue.Item} {issue.Column} {issue.Source} {issue.Reason} {(issue.Value == "null" ? "" : issue.Value)}"))
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                "1 acme.com Engineer 2018-03-01 false 2018",
                "1 globex.com CTO 2022-01-01 true 2022",
                "2  Boss  false ",
                "2  Intern  false ",
                "3    false ",
                "3  A 2020-01-01 false 2020",
                "5  Engineer  false ",
            ],
            await WorkHistoryAsync());
        Assert.Equal(7L, Convert.ToInt64(await ground.RawAsync("select count(*) from {schema}.person_work_history"), CultureInfo.InvariantCulture));
        Assert.Empty(await ground.Store.ExamineAsync(People, default));
        await ground.RawAsync("update {schema}.projection_1_v1_c0 set title = 'x' where item = 5");
        Assert.Single(await ground.Store.ExamineAsync(People, default));
    }

    [Fact]
    public async Task Child_rows_are_replaced_as_a_set_and_one_that_is_as_it_was_is_not_written()
    {
        const string Jobs = """{"name":"Ann","experience":[{"title":"A"},{"title":"B","from":"2020-01-01"},{"title":"C"}]}""";
        var (batch, answers) = await PeopleAsync(Jobs, Jobs, """{"name":"Bob","experience":[{"title":"D"}]}""");
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(People, batch.Key, default);
        var before = await ground.ChildrenAsync(People, "work_history");
        await ground.RawAsync("update {schema}.projection_1_v1_c0 set start_date = '2000-01-01' where title in ('A', 'B')");

        await ground.Store.RetryAsync(batch.Key, 1, [1, 3], sameKey: false, default);
        answers[0] = """{"name":"Ann","experience":[{"title":"E"},{"title":"B","from":"2021-01-01"},{"title":"A"},{"title":"A"}]}""";
        await ground.AnswerAsync(batch, 1, last: true, item => item == 3 ? null : answers[item - 1]);
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(People, batch.Key, default);

        // A is as it was, so that what another program wrote into it stays until a rebuild.
        Assert.Equal(
            [
                "1  A 2000-01-01 false ",
                "1  B 2021-01-01 false 2021",
                "1  E  false ",
                "2  A 2000-01-01 false ",
                "2  B 2000-01-01 false 2020",
                "2  C  false ",
            ],
            await WorkHistoryAsync());
        var after = await ground.ChildrenAsync(People, "work_history");
        Assert.Equal(Key(before, 1, "A"), Key(after, 1, "A"));
        Assert.Equal(Key(before, 1, "B"), Key(after, 2, "B"));
        Assert.Single(await ground.Store.ExamineAsync(People, default));
        await ground.Store.RebuildAsync(People, default);
        Assert.Empty(await ground.Store.ExamineAsync(People, default));
        Assert.DoesNotContain(await WorkHistoryAsync(), row => row.Contains("2000", StringComparison.Ordinal));

        static string? Key(List<ProjectedRow> rows, int item, string title) =>
            rows.Single(row => row.Item == item && title.Equals(row.Values[1])).ChildKey;
    }

    [Fact]
    public async Task By_key_the_child_rows_are_those_of_the_item_that_serves_the_key()
    {
        var projection = Projection.Define("people_by_name", p => p
            .Key("name")
            .Text("name", s => s.Result("vendor.person", "/name"))
            .Children("jobs", c => c
                .NumberTwins()
                .Key("title")
                .Each(s => s.Result("vendor.person", "/experience"))
                .Text("title", s => s.At("/title"))));
        var (batch, answers) = await PeopleAsync(
            """{"name":"Ann","experience":[{"title":"A"}]}""",
            """{"experience":[{"title":"of nobody"}]}""",
            """{"name":"Ann","experience":[{"title":"B"},{"title":"B"}]}""");
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        Assert.Equal([(3, "B", 1), (3, "B", 2)], await JobsAsync());

        await ground.Store.RetryAsync(batch.Key, 1, [2, 3], sameKey: false, default);
        await ground.AnswerAsync(batch, 1, last: true, item => item == 2 ? answers[0] : null);
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal([(2, "A", 1)], await JobsAsync());
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));

        async Task<List<(int, string, int)>> JobsAsync() =>
            [.. (await ground.ChildrenAsync(projection, "jobs")).Select(row => (row.Item, (string)row.Values[0]!, row.Twin))];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_order_of_an_array_changes_no_child_row_and_without_numbers_nor_do_repeated_elements(bool numbered)
    {
        var random = new Random(7);
        var projection = Projection.Define("orders", p => p
            .Integer("rows", s => s.Result("vendor.person", "/n"))
            .Children("jobs", c => (numbered ? c.NumberTwins() : c)
                .Key("title")
                .Each(s => s.Result("vendor.person", "/jobs"))
                .Text("title", s => s.At("/title"))
                .Integer("n", s => s.At("/n"))
                .Text("note", s => s.At("/note"))));
        var jobs = Enumerable.Range(0, 200)
            .Select(_ => string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"title":"{{"ABCDE"[random.Next(5)]}}","n":{{random.Next(3)}},"note":{{(random.Next(2) == 0 ? "null" : "\"x\"")}}}"""))
            .Distinct()
            .ToList();
        var repeated = numbered ? jobs : [.. jobs, .. jobs[..5]];
        var (batch, _) = await PeopleAsync(
            $$"""{"jobs":[{{string.Join(',', jobs)}}]}""",
            $$"""{"jobs":[{{string.Join(',', repeated.OrderBy(_ => random.Next()))}}]}""");

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        var rows = (await ground.ChildrenAsync(projection, "jobs"))
            .ToLookup(row => row.Item, row => $"{row.ChildKey} {row.Twin} {string.Join('|', row.Values.Select(CsvExport.Format))}");
        Assert.Equal(numbered ? jobs.Count : 5, rows[1].Count());
        Assert.Equal(rows[1], rows[2]);
        Assert.All(rows[1], row => Assert.True(numbered || row.EndsWith("|x", StringComparison.Ordinal), row));
    }

    private async Task<List<string>> WorkHistoryAsync() =>
    [
        .. (await ground.ChildrenAsync(People, "work_history"))
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Item} {string.Join(' ', row.Values.Select(CsvExport.Format))}"))
            .Order(StringComparer.Ordinal),
    ];

    private async Task<(Batch Batch, string[] Answers)> PeopleAsync(params string[] answers)
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["n"], NoMap, [.. answers.Select(_ => new[] { "" })]),
            ("vendor.person", []));
        await ground.AnswerAsync(batch, 1, last: true, item => answers[item - 1]);
        return (batch, answers);
    }
}
