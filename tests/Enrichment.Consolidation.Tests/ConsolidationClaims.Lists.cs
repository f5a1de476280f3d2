using System.Text.Json;
using Enrichment.Consolidation.Changes;

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

        // Of the version that was replaced nothing is left.
        foreach (var of in new[] { "list_values", "list_changes", "lists", "batches" })
        {
            Assert.Equal(1L, await ground.RawAsync(
                $"select count(distinct version) from {{schema}}.projection_{of} where projection = 'former_customers'"));
        }

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

    [Fact]
    public async Task A_table_from_some_workstreams_has_their_rows_alone_and_lists_of_others()
    {
        var all = Projection.Define("from_some", Columns);
        var some = Projection.Define("from_some", p => Columns(p.From("customer_companies", "crm")));
        var crm = await OfAsync("crm", "a.com", "b.com");
        var scrape = await OfAsync("scrape", "a.com", "c.com", "c.com");
        var known = await OfAsync("known", "b.com");
        foreach (var batch in new[] { known, crm, scrape })
        {
            await ground.Store.ConsolidateAsync(all, batch.Key, default);
        }

        Assert.Equal(6, (await ground.RowsAsync(all)).Count);
        var plan = await PlanAsync(some);
        Assert.Equal((1, 2L), (plan.Batches, plan.Items));
        Assert.Equal((6, 2), (plan.Preview!.RowsBefore, plan.Preview.RowsAfter));
        Assert.Equal(
            ["The store has no batch of the workstream 'customer_companies', whose rows the table takes."],
            plan.Warnings);
        Assert.Equal(
            "The store has no batch of the workstream 'crn', whose rows the table takes. Did you mean 'crm'?",
            (await PlanAsync(Projection.Define("from_some", p => Columns(p.From("crn", "crm"))))).Warnings.Single());

        var diff = (await new VersionOperations(ground.Store, some).ApplyAsync(hold: false, default))!;

        Assert.Equal((6, 2, 4), (diff.RowsBefore, diff.RowsAfter, diff.Lost));
        await SettleAsync(some);
        Assert.Equal([["a.com", false], ["b.com", true]], await ground.RowsAsync(some));
        Assert.Empty(await ground.IssuesAsync(some));
        var report = await ground.Store.ConsolidateAsync(some, scrape.Key, default);
        Assert.Equal(0, report.Rows);
        Assert.EndsWith("it is of the workstream 'scrape', which 'from' does not name.", report.Warnings.Single(), StringComparison.Ordinal);
        Assert.False((await ground.Store.ExplainAsync(some, scrape, 1, ground.AsOf, default))!.HasRow);
        Assert.Empty(await ground.Store.ExamineAsync(some, default));

        // Neither a pruned batch of another workstream nor a rebuild brings rows back, and its values stay in the list.
        await PruneAsync(scrape);
        await PruneAsync(known);
        await ground.Store.RebuildAsync(some, default);
        Assert.Equal([["a.com", false], ["b.com", true]], await ground.RowsAsync(some));
        Assert.Empty(await ground.Store.ExamineAsync(some, default));

        static void Columns(ProjectionBuilder p) => p
            .Text("domain", s => s.Column("Domain").Normalise("domain"))
            .List("known", "known", l => l.Text("domain", s => s.Column("Domain")))
            .Is("is_known", "domain in known.domain");

        async Task<Batch> OfAsync(string workstream, params string[] domains)
        {
            var batch = await ground.LaunchAsync(
                await ground.UploadJsonAsync("acme", ["Domain"], NoMap, [.. domains.Select(domain => $"[\"{domain}\"]")], workstream),
                workstream,
                ("one", []));
            await ground.AnswerAsync(batch, 1, last: true, _ => "{}");
            await ground.Store.CompleteBatchesAsync(default);
            return batch;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_that_changes_has_only_the_items_read_again_that_looked_the_value_up(bool byKey)
    {
        const int People = 2_100;
        var projection = Projection.Define("looked_up", p => (byKey ? p.Key("name").FoldColumns().From("leads") : p)
            .Text("name", s => s.Result("clay.person", "/name"))
            .Children("jobs", c => c
                .Table("looked_up_jobs")
                .Each(s => s.Result("clay.person", "/experience"))
                .Text("at", s => s.At("/at"))
                .Is("is_customer", "lower(at) in customers.domain"))
            .List("customers", "customer_companies", l => l.Text("domain", s => s.Field("company.domain")))
            .Is("of_customer", "any(jobs where is_customer)"));
        var customers = await CustomersAsync("acme", "c1.com", "c2.com");
        var people = await PersonsAsync(
            "acme", [.. Enumerable.Range(1, People).Select(item => $$"""[{"at":"C{{item % 700}}.com"},{"at":"other"}]""")]);
        Assert.Equal((2, People), (await FillAsync(customers), await FillAsync(people)));
        Assert.Equal(0, await FillAsync(people));
        Assert.Equal(6, await OfCustomersAsync());

        // One value lost and one gained, each of three people; one of them was retried too, and so was another one.
        await ground.Store.RetryAsync(customers.Key, 1, [2], sameKey: false, default);
        await ground.AnswerAsync(customers, 1, last: true, _ => """{"company.domain":"c5.com"}""");
        await ground.Store.RetryAsync(people.Key, 1, [2, 9], sameKey: false, default);
        await ground.AnswerAsync(people, 1, last: true, item => $$"""{"name":"p{{item}}","experience":[{"at":"c1.com"}]}""");
        await ground.Store.CompleteBatchesAsync(default);
        Assert.Equal(1, await FillAsync(customers));

        Assert.Equal(3 + 3 + 1, await FillAsync(people));

        Assert.Equal(3 + 3 + 2, await OfCustomersAsync());
        await SettleAsync(projection);
        Assert.Equal(0, await FillAsync(people));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));

        async Task<int> FillAsync(Batch batch)
        {
            var host = new CountingHost(ground.Store);
            await host.ConsolidateAsync(projection, batch.Key, default);
            return host.ItemsFilled;
        }

        async Task<int> OfCustomersAsync() =>
            (await ground.RowsAsync(projection, "acme", people.Id)).Count(row => row[1] is true);
    }

    [Fact]
    public async Task An_item_without_a_row_is_read_again_when_a_list_changes_on_which_its_key_depends()
    {
        var projection = Projection.Define("keyed_by_list", p => p
            .Key("customer")
            .Text("domain", s => s.Result("clay.person", "/experience/0/at"))
            .List("customers", "customer_companies", l => l.Text("domain", s => s.Field("company.domain")))
            .Is("customer", "case when domain in customers.domain then domain end"));
        var people = await PersonsAsync("acme", """[{"at":"a.com"}]""", """[{"at":"b.com"}]""");
        await ground.Store.ConsolidateAsync(projection, people.Key, default);
        Assert.Empty(await ground.RowsAsync(projection, "acme"));

        var customers = await CustomersAsync("acme", "b.com");
        await ground.Store.ConsolidateAsync(projection, customers.Key, default);
        await SettleAsync(projection);

        Assert.Equal("b.com", (await ground.RowsAsync(projection, "acme", people.Id)).Single()[1]);
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
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
