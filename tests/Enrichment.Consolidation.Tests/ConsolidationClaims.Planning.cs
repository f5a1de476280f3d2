using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Tests;

/// <content>What a change would do is told before it is done.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_plan_tells_of_rows_batches_and_cells_and_writes_nothing()
    {
        var live = Projection.Define("planned", p => p.Text("email", s => s.Column("Email")).Integer("n", s => s.Column("# Employees")));
        var proposed = Projection.Define("planned", p => p
            .Text("email", s => s.Column("Email"))
            .Integer("n", s => s.Column("# Employees").Default(0))
            .Text("notes", s => s.Column("Notes"))
            .Is("twice", "n * 2"));
        var unregistered = await PlanAsync(proposed);
        Assert.Equal((null, null, true, null), (unregistered.Live, unregistered.Change, unregistered.AppliesItself, unregistered.Preview));
        var pruned = await Leads.RunAsync(ground, 30);
        foreach (var batch in new[] { pruned, await Leads.RunAsync(ground, 100), await Leads.RunAsync(ground, 60) })
        {
            await ground.Store.ConsolidateAsync(live, batch.Key, default);
        }

        await PruneAsync(pruned);
        Assert.True((await PlanAsync(live)).IsLive);

        var plan = await PlanAsync(proposed);

        Assert.Equal((1, false, null, null), (plan.Live, plan.IsLive, plan.Building, plan.Obstacle));
        Assert.Equal((2, 160L, 1, false), (plan.Batches, plan.Items, plan.CarriedBatches, plan.AppliesItself));
        Assert.Equal([ChangeKind.Changed, ChangeKind.Added, ChangeKind.Added], plan.Change!.Parts.Select(part => part.Kind));
        var preview = plan.Preview!;
        Assert.Equal((160, 160, 160), (preview.Items, preview.RowsBefore, preview.RowsAfter));

        // Of six numbers of employees in a row one is a word for nothing, one a span and one empty.
        Assert.Equal(
            [
                new("n", 81, 81, 0, Spans(), Spans()),
                new("notes", 40, 40, 0, 0, 0),
                new("twice", 160, 160, 0, 0, 0),
            ],
            preview.Columns);
        Assert.Equal(20, preview.Examples.Count);
        Assert.Equal(["n", "notes", "twice"], preview.Examples.Select(cell => cell.Column).Distinct());
        Assert.All(preview.Examples.Where(cell => cell.Column == "n"), cell => Assert.Equal((null, "0"), (cell.Before, cell.After)));

        Assert.Equal(10, (await PlanAsync(proposed, items: 10)).Preview!.Items);
        Assert.Null((await PlanAsync(proposed, items: 0)).Preview);
        Assert.Single(await new VersionOperations(ground.Store, proposed).ListAsync(default));
        Assert.Equal(["planned"], (await RegisteredProjection.ListAsync(ground.Store, default)).Select(projection => projection.Name));

        static int Spans() => Enumerable.Range(1, 100).Concat(Enumerable.Range(1, 60)).Count(number => number % 6 == 3);
    }

    [Fact]
    public async Task A_stored_definition_is_filled_with_the_functions_of_the_host()
    {
        var batch = await Leads.RunAsync(ground, 3);
        var live = Projection.Define("hosted", p => p.Compute("score", "score", 1, _ => 1L).Text("email", s => s.Column("Email")));
        await ground.Store.ConsolidateAsync(live, batch.Key, default);

        // Another column of the same function, so that the definition is another one, and has to wait for its operator.
        var proposed = Projection.Define("hosted", p => p.Compute("other", "score", 1, _ => 2L).Text("email", s => s.Column("Email")));
        await ground.Store.ConsolidateAsync(proposed, (await Leads.RunAsync(ground, 2, first: 4)).Key, default);

        Assert.Equal([1L, 1L, 1L, 2L, 2L], (await ground.RowsAsync(live)).Select(row => row[0]));
        Assert.NotNull((await PlanAsync(proposed)).Preview);
        Assert.Null((await PlanAsync(Projection.Parse(System.Text.Encoding.UTF8.GetString(proposed.Definition.Span)))).Preview);
    }

    [Fact]
    public async Task A_plan_warns_of_sources_that_the_batches_of_no_workstream_have()
    {
        var leads = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["Email", "Site"], NoMap, [["a@x.com", "x.com"]]), "leads", ("one", []));
        var crm = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["Account"], NoMap, [["Example"]]), "crm", ("two", []));
        foreach (var batch in new[] { leads, crm })
        {
            await ground.AnswerAsync(batch, 1, last: true, _ => "{}");
            await ground.Store.ConsolidateAsync(
                Projection.Define("warned", p => p.Text("email", s => s.Column("Email"))), batch.Key, default);
        }

        var plan = await PlanAsync(Projection.Define("warned", p => p
            .List("accounts", "crm", l => l.Text("name", s => s.Column("Account")).Text("other", s => s.Column("Acount")))
            .List("leads", "leds", l => l.Text("name", s => s.Column("Nothing")))
            .Text("email", s => s.Column("Email"))
            .Text("account", s => s.Column("Account"))
            .Text("site", s => s.Result("three", "/site").Column("Site"))
            .Text("slip", s => s.Column("Emial"))
            .Is("is_known", "email in accounts.name or email in accounts.other or email in leads.name")));

        Assert.Equal(
            [
                "Column 'slip' stays empty: none of the 2 batches that were looked at has a column 'Emial'. Did you mean 'Email'?",
                "Column 'accounts.other' stays empty: none of the 2 batches that were looked at has a column 'Acount'. Did you mean 'Account'?",
                "The list 'leads' is empty: the store has no batch of the workstream 'leds'. Did you mean 'leads'?",
            ],
            plan.Warnings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_plan_and_a_comparison_tell_which_child_rows_and_cells_of_them_change(bool byKey)
    {
        var live = Define("/n", "/jobs");
        var proposed = Define("/m", "/more", "/jobs");
        var persons = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["Email"], NoMap, [["a@x.com"], ["b@x.com"], ["c@x.com"]]), "leads", ("one", []));
        string[] answers =
        [
            """{"jobs":[{"t":"a","n":1,"m":2,"d":"2024"},{"t":"b","n":1,"m":1}]}""",
            """{"jobs":[{"t":"c","n":1,"m":1}],"more":[{"t":"d","m":5},{"t":"e","m":"many"}]}""",
            """{"jobs":[{"t":"f","n":1}]}""",
        ];
        await ground.AnswerAsync(persons, 1, last: true, item => answers[item - 1]);
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(live, persons.Key, default);

        var preview = (await PlanAsync(proposed)).Preview!;

        Assert.Equal([new("jobs", 2, 1)], preview.Children);
        Assert.Equal([new("jobs.n", 2, 0, 1, 0, 1), new("count", 1, 0, 0, 0, 0)], preview.Columns.OrderByDescending(column => column.Changed));
        Assert.Contains(new(persons.Id, 1, "jobs.n", "1", "2"), preview.Examples);

        var diff = (await new VersionOperations(ground.Store, proposed).ApplyAsync(hold: false, default))!;

        Assert.Equal((2L, 1L), (diff.ChildrenGained["jobs"], diff.ChildrenLost["jobs"]));
        Assert.Equal([("count", 1L), ("jobs.n", 2L)], diff.Columns.Select(column => (column.Key, column.Value)));
        Assert.Equal(
            [new(persons.Id, 1, "jobs.n", "1", "2"), new(persons.Id, 3, "jobs.n", "1", null)],
            diff.Examples.Where(cell => cell.Column == "jobs.n").OrderBy(cell => cell.Item));

        Projection Define(string n, params string[] each) => Projection.Define("with_jobs", p => (byKey ? p.Key("email") : p)
            .Text("email", s => s.Column("Email"))
            .Children("jobs", c => c
                .Table("with_jobs_jobs")
                .Each(s => s.Result("one", each))
                .Key("t")
                .Text("t", s => s.At("/t"))
                .Integer("n", s => s.At(n))
                .PartialDate("d", s => s.At("/d")))
            .Is("count", "count(jobs)"));
    }

    private Task<ChangePlan> PlanAsync(Projection proposed, int items = ChangePlanning.UsualItems) =>
        new ChangePlanning(ground.Store, proposed).PlanAsync(items, default);
}
