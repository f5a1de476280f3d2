using System.Text.Json;

namespace Enrichment.Consolidation.Tests;

/// <content>Lists of values that rows of another workstream have.</content>
public abstract partial class ConsolidationClaims
{
    private static readonly Projection FormerCustomers = Projection.Define("former_customers", p => p
        .Text("name", s => s.Result("clay.person", "/name"))
        .Children("work_history", c => c
            .Table("person_work_history")
            .Each(s => s.Result("clay.person", ["/raw/experience", "/experience"]))
            .Key("company_domain", "title", "start_date")
            .Text("company_domain", s => s.At("/company/domain").At("/company_domain").Normalise("domain"))
            .Text("title", s => s.At("/title"))
            .Date("start_date", s => s.At("/start_date"))
            .Boolean("is_current", s => s.At("/is_current").Default(false)))
        .List("customers", "customer_companies", l => l.Text("domain", s => s.Field("company.domain").Normalise("domain")))
        .Is("former_customer", "any(work_history where not is_current and company_domain in customers.domain)")
        .Is("former_customer_at", "first(work_history where not is_current and company_domain in customers.domain ; company_domain by start_date desc)"));

    [Fact]
    public async Task A_row_sees_the_values_of_its_clients_list_and_is_done_again_when_they_change()
    {
        var people = await PersonsAsync(
            "acme",
            """[{"company_domain":"acme.com","start_date":"2018-01-01"},{"company_domain":"globex.com","start_date":"2020-01-01"}]""",
            """[{"company_domain":"acme.com","is_current":true}]""",
            "[]");
        await ground.Store.ConsolidateAsync(FormerCustomers, people.Key, default);
        Assert.Equal([("p1", false, null), ("p2", false, null), ("p3", false, null)], await FormerAsync());

        var customers = await CustomersAsync("acme", "www.acme.com", "https://globex.com", "no domain");
        await ground.Store.ConsolidateAsync(FormerCustomers, customers.Key, default);
        Assert.Contains(people.Key, await ground.Store.FindToProjectAsync(FormerCustomers, default));
        await ground.Store.ConsolidateAsync(FormerCustomers, people.Key, default);
        Assert.Equal([("p1", true, "globex.com"), ("p2", false, null), ("p3", false, null)], await FormerAsync());
        Assert.Contains(
            new(customers.Id, 3, "customers.domain", "field company.domain", "normalise", "no domain"),
            await ground.IssuesAsync(FormerCustomers));
        var explained = (await ground.Store.ExplainAsync(FormerCustomers, people, 1, ground.AsOf, default))!;
        Assert.Equal("globex.com", explained.Cells[2].Value);
        Assert.Equal(
            ["1 acme.com /company_domain", "1 globex.com /company_domain"],
            explained.Children.Select(row =>
                $"{row.Twin} {row.Cells[0].Value} {row.Cells[0].Candidates.Single(candidate => candidate.Outcome == "chosen").Pointer}"));
        Assert.Equal(
            (await ground.ChildrenAsync(FormerCustomers, "work_history")).Where(row => row.Item == 1).Select(row => row.ChildKey).Order(),
            explained.Children.Select(row => row.ChildKey).Order());
        await SettleAsync(FormerCustomers);
        Assert.Empty(await ground.Store.ExamineAsync(FormerCustomers, default));

        // Another client's customers are none of theirs.
        var others = await PersonsAsync("other", """[{"company_domain":"acme.com"}]""");
        await ground.Store.ConsolidateAsync(FormerCustomers, others.Key, default);
        Assert.False((bool)(await ground.RowsAsync(FormerCustomers, "other"))[0][1]!);

        // A value that the list loses.
        await ground.Store.RetryAsync(customers.Key, 1, [2], sameKey: false, default);
        await ground.AnswerAsync(customers, 1, last: true, _ => """{"company.domain":"initech.com"}""");
        await ground.Store.CompleteBatchesAsync(default);
        await SettleAsync(FormerCustomers);
        Assert.Equal([("p1", true, "acme.com"), ("p2", false, null), ("p3", false, null)], await FormerAsync());
        var (table, jobs) = (await ground.Sha256Async(FormerCustomers), await ground.ChildrenAsync(FormerCustomers, "work_history"));
        Assert.Empty(await ground.Store.ExamineAsync(FormerCustomers, default));
        await ground.Store.RebuildAsync(FormerCustomers, default);
        Assert.Equal(table, await ground.Sha256Async(FormerCustomers));
        Assert.Equal(jobs.Select(row => row.ChildKey), (await ground.ChildrenAsync(FormerCustomers, "work_history")).Select(row => row.ChildKey));

        // A pruned batch's values are carried into a rebuild after the people, who are then done again.
        await PruneAsync(customers);
        await ground.Store.RebuildAsync(FormerCustomers, default);
        Assert.Equal([("p1", true, "acme.com"), ("p2", false, null), ("p3", false, null)], await FormerAsync());
        Assert.Empty(await ground.Store.ExamineAsync(FormerCustomers, default));

        async Task<List<(string, bool, string?)>> FormerAsync() =>
        [
            .. (await ground.RowsAsync(FormerCustomers, "acme", people.Id))
                .Select(row => ((string)row[0]!, (bool)row[1]!, (string?)row[2])),
        ];
    }

    private async Task SettleAsync(Projection projection)
    {
        while (await ground.Store.FindToProjectAsync(projection, default) is { Count: > 0 } batches)
        {
            foreach (var batch in batches)
            {
                await ground.Store.ConsolidateAsync(projection, batch, default);
            }
        }
    }

    private async Task<Batch> PersonsAsync(string client, params string[] histories)
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync(client, ["n"], NoMap, [.. histories.Select(_ => new[] { "" })]),
            ("clay.person", []));
        await ground.AnswerAsync(batch, 1, last: true, item => $$"""{"name":"p{{item}}","experience":{{histories[item - 1]}}}""");
        await ground.Store.CompleteBatchesAsync(default);
        return batch;
    }

    private async Task<Batch> CustomersAsync(string client, params string[] domains)
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync(client, ["Domain"], NoMap, [.. domains.Select(domain => new[] { domain })]),
            "customer_companies",
            ("crm.company", ["company.domain"]));
        await ground.AnswerAsync(
            batch, 1, last: true, item => JsonSerializer.Serialize(new Dictionary<string, string> { ["company.domain"] = domains[item - 1] }));
        await ground.Store.CompleteBatchesAsync(default);
        return batch;
    }
}
