using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.TestKit;
using Enrichment.Tests.Execution;

namespace Enrichment.Tests.Pipelines;

public class PipelineSnapshotTests
{
    private static readonly PipelineSnapshot Leads = Bindings.Snapshot(new()
    {
        Pipeline = PipelineDefinition.Create("leads", p => p
            .Version("1.2.0")
            .Step("company.domain", s => s.Version("1.0"))
            .Step("stamp")
            .Step("clay.company", s => s
                .When(Condition.All(Condition.Exists("company.domain"), Condition.Ne("person.email", "x@gmail.com")))
                .Optional()
                .Options(new { webhookUrl = "https://example.com/ü?a=1&b=<2>", apiKey = "secret:CLAY" })
                .Retry(6, TimeSpan.FromMilliseconds(1500))
                .Timeout(TimeSpan.FromMinutes(2)))
            .Step("company.domain", s => s.When(Condition.Gt("company.size", 50)))),
        Steps = SampleSteps.Catalogue,
        Workstream = "apollo_scrape",
        WorkstreamVersion = "3.0.0",
        Fields = ["company.website", "person.email"],
        Secrets = (_, _) => new("p4ssw0rd"),
    });

    private static readonly Upload Upload = new()
    {
        Key = 1,
        Id = Guid.Empty,
        Client = "acme",
        Workstream = "apollo_scrape",
        WorkstreamVersion = "1",
        SizeBytes = 0,
        Sha256 = default,
        Columns = ["Website", "Email"],
        HeaderMap = new Dictionary<string, IReadOnlyList<int>> { ["company.website"] = [0], ["person.email"] = [1] },
        Report = "{}",
        Accepted = 1,
        Rejected = 0,
        SealedAt = DateTimeOffset.UnixEpoch,
    };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Running batches hold this text across an upgrade of the engine: what is written today must be read for ever.</summary>
    [Fact]
    public void A_snapshot_is_written_so() => Snapshot.Match(JsonSerializer.Serialize(JsonDocument.Parse(Leads.ToJson()), Indented));

    [Fact]
    public void A_snapshot_comes_back_as_it_was() => Assert.Equal(Leads.ToJson(), PipelineSnapshot.FromJson(Leads.ToJson()).ToJson());

    [Fact]
    public void A_snapshot_with_the_deepest_settings_and_conditions_comes_back()
    {
        var condition = Enumerable.Range(1, 15).Aggregate(Condition.Exists("a"), (inner, _) => Condition.All(inner));
        var settings = JsonDocument.Parse($$"""{"a":{{new string('[', 30)}}{{new string(']', 30)}}}""").RootElement;
        var deep = Leads with { Stages = [Leads.Stages[0] with { When = condition, Settings = settings }] };
        Assert.Equal(deep.ToJson(), PipelineSnapshot.FromJson(deep.ToJson()).ToJson());
    }

    [Fact]
    public void A_document_that_is_no_snapshot_is_refused() =>
        Assert.StartsWith(
            "The batch's snapshot cannot be read by this version of the engine: ",
            Assert.Throws<EnrichmentException>(() => PipelineSnapshot.FromJson("{}")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_stage_needs_the_results_of_earlier_stages_that_may_hold_what_it_asks_for()
    {
        Assert.Empty(Leads.Sources(1));
        Assert.Empty(Leads.Sources(2));
        Assert.Equal([1], Leads.Sources(3));
        Assert.Equal([1, 3], Leads.Sources(4));
    }

    [Fact]
    public void The_step_sees_its_fields_the_condition_all_and_both_the_latest_answer()
    {
        (short, ReadOnlyMemory<byte>)[] results =
        [
            (1, Records.Utf8("""{"company.domain":"acme.com"}""")),
            (3, Records.Utf8("""{"data":{"size":51,"domain":"acme.io"}}""")),
        ];
        var raw = Records.Utf8("""["http://acme.com","a@acme.com"]""");

        Assert.Equal("acme.io", new ItemRecord(Leads.StepShape(4, Upload), raw, results).Text("company.domain"));
        Assert.Equal("acme.com", new ItemRecord(Leads.StepShape(3, Upload), raw, results).Text("company.domain"));
        Assert.Throws<StepFaultException>(() => new ItemRecord(Leads.StepShape(4, Upload), raw, results).Text("company.size"));
        Assert.True(Leads.Stage(4).When!.Holds(new ItemRecord(Leads.ConditionShape(4, Upload), raw, results)));
        Assert.False(Leads.Stage(4).When!.Holds(new ItemRecord(Leads.ConditionShape(3, Upload), raw, results)));
        Assert.Equal("51", new ItemRecord(Leads.FinalShape(Upload), raw, results).Text("company.size"));
        Assert.Equal("a@acme.com", new ItemRecord(Leads.FinalShape(Upload), raw, results).Text("person.email"));
    }

    [Fact]
    public void A_raw_value_that_a_step_refused_stands_in_no_produced_column()
    {
        var raw = Records.Utf8("""["acme.com","tor@eng"]""");
        Assert.Null(Final(Judging()).Text("person.email"));
        Assert.Equal("tor@eng", Final(Judging() with { When = Condition.Exists("company.website") }).Text("person.email"));
        Assert.Equal("tor@eng", Final(Judging(effects: Effects.Review)).Text("person.email"));
        Assert.Equal("tor@eng", Final(Judging(reads: "company.website")).Text("person.email"));

        ItemRecord Final(StageSnapshot stage) => new((Leads with { Stages = [stage] }).OutputShape(Upload), raw, []);
    }

    [Fact]
    public void A_projection_reads_no_cell_of_a_field_that_a_stage_judges()
    {
        var table = Projection.Define(
            "leads",
            columns => columns.Text("email", from => from.Field("person.email")).Text("website", from => from.Field("company.website")));
        var plan = ProjectionPlan.Resolve(table, Leads with { Stages = [Judging()] }, Upload.Columns, Upload.HeaderMap);
        Assert.Equal(
            [
                [typeof(StageRead)],
                [typeof(CellRead)],
            ],
            plan.Columns.Select(column => column.Sources.SelectMany(source => source.Reads).Select(read => read.GetType())));
    }

    private static StageSnapshot Judging(Effects effects = Effects.Pure, string reads = "person.email") =>
        Leads.Stage(1) with
        {
            When = null,
            Manifest = Leads.Stage(1).Manifest with
            {
                Slug = "person.email",
                Reads = [reads],
                Produces = [new("person.email")],
                Effects = effects,
            },
        };
}
