using System.Globalization;

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
            """{"name":"Ann","experience":[{"company":{"domain":"www.acme.com"},"title":"Engineer","from":"2018-03-01"},{"company_domain":"https://globex.com/x","title":"CTO","from":"2022-01-01","current":true}]}""",
            """{"name":"Bob","raw":{"experience":"[{\"company\":\"{\\\"domain\\\":\\\"acme.com\\\"}\",\"title\":\"Boss\"},{\"title\":\"Intern\",\"from\":\"soon\"}]"},"experience":[{"title":"unread"}]}""",
            """{"name":"Cyd","experience":[null,7,"x",{"title":" "},{"title":"A","from":"2020-01-01"},{"title":"A"}]}""",
            """{"name":"Dee","raw":{"experience":"n/a"},"experience":{"title":"not in an array"}}""",
            """{"name":"Eve","raw":"{\"experience\":[{\"title\":\"Engineer\"}]}"}""");

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
        Assert.Empty(await ground.Store.ExamineAsync(People, default));
    }

    private async Task<(Batch Batch, string[] Answers)> PeopleAsync(params string[] answers)
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["n"], NoMap, [.. answers.Select(_ => new[] { "" })]),
            ("vendor.person", []));
        await ground.AnswerAsync(batch, 1, last: true, item => answers[item - 1]);
        return (batch, answers);
    }
}
