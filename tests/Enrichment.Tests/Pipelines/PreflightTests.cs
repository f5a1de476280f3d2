using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.Plans;

namespace Enrichment.Tests.Pipelines;

public class PreflightTests
{
    private static readonly object Clay = new { webhookUrl = "https://example.com/hook", apiKey = "secret:CLAY" };

    [Fact]
    public void A_pipeline_that_can_run_becomes_a_snapshot_of_exact_versions()
    {
        var snapshot = Run(p =>
            p.Step("company.domain", s => s.Version("[1.0,2.0)")).Step("company.domain").Step("clay.company", s => s.Options(Clay)));
        Assert.Equal(["1.0.0", "2.1.0", "1.3.0"], snapshot.Stages.Select(stage => stage.Manifest.Version));
        Assert.Equal(
            ("leads", "1.0.0", "apollo_scrape", "3.0.0"),
            (snapshot.Pipeline, snapshot.PipelineVersion, snapshot.Workstream, snapshot.WorkstreamVersion));
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var error = Assert.Throws<PreflightException>(() => Run(
            p => p
                .Step("clay.company", s => s.When(Condition.Gt("company.size", 10)))
                .Step("company.domain", s => s.Version("[3.0,)"))
                .Step("person.emial"),
            r => r with { Fields = [], BatchSettings = Layer("clay.compny", new { }) }));
        Assert.Equal(
            """
            Pipeline 'leads' 1.0.0 cannot be launched: 7 problems.
            1. Stage 1 'clay.company': it reads the field 'company.domain', which no column and no earlier stage provides. Map a column of the upload to it, or add an earlier stage that produces it.
            2. Stage 1 'clay.company': its condition names the field 'company.size', which no column and no earlier stage provides. Map a column of the upload to it, add an earlier stage that produces it, or correct the condition.
            3. Stage 1 'clay.company': The webhookUrl field is required.
            4. Stage 1 'clay.company': The apiKey field is required.
            5. Stage 2 'company.domain': no known version satisfies '[3.0,)'. Known: 1.0.0, 2.1.0. Change the range or add a provider that ships such a version.
            6. Stage 3 'person.emial': no provider ships this step. Did you mean 'person.email'? Known: clay.company, company.domain, person.email, stamp. Add its provider or correct the name.
            7. The launch has settings for step 'clay.compny', which no stage names. Did you mean 'clay.company'? Correct the name or leave them out.
            """,
            error.Message,
            ignoreLineEndingDifferences: true);
        Assert.Equal(7, error.Problems.Count);
    }

    [Fact]
    public void A_step_that_reads_alternatives_needs_one_of_them()
    {
        Assert.Single(Run(p => p.Step("company.domain"), r => r with { Fields = ["company.website"] }).Stages);
        Assert.Equal(
            ["Stage 1 'company.domain': it reads the fields company.domain, company.website, person.email, and no column and no earlier stage provides any of them. Map a column of the upload to one of them, or add an earlier stage that produces it."],
            Problems(p => p.Step("company.domain"), r => r with { Fields = ["company.name"] }));
    }

    [Fact]
    public void A_step_that_reads_nothing_lacks_nothing() => Assert.Single(Run(p => p.Step("stamp"), r => r with { Fields = [] }).Stages);

    [Fact]
    public void A_stage_sees_what_stages_before_it_produce_and_not_its_own()
    {
        Assert.Equal(2, Run(p => p.Step("stamp").Step("stamp", s => s.When(Condition.Exists("stamped.at", false))), r => r with { Fields = [] }).Stages.Count);
        Assert.Equal(
            ["Stage 1 'stamp': its condition names the field 'stamped.at', which no column and no earlier stage provides. Map a column of the upload to it, add an earlier stage that produces it, or correct the condition."],
            Problems(p => p.Step("stamp", s => s.When(Condition.Exists("stamped.at"))), r => r with { Fields = [] }));
    }

    [Fact]
    public void After_an_unknown_step_no_field_is_missed_because_it_may_have_produced_it() =>
        Assert.Equal(
            ["Stage 1 'acme.lookup': no provider ships this step. Known: clay.company, company.domain, person.email, stamp. Add its provider or correct the name."],
            Problems(p => p.Step("acme.lookup").Step("person.email", s => s.When(Condition.Exists("acme.score"))), r => r with { Fields = [] }));

    [Fact]
    public void A_misspelt_field_of_a_condition_is_set_right() => Assert.Equal(
        ["Stage 1 'person.email': its condition names the field 'person.emial', which no column and no earlier stage provides. Did you mean 'person.email'? Map a column of the upload to it, add an earlier stage that produces it, or correct the condition."],
        Problems(p => p.Step("person.email", s => s.When(Condition.Exists("person.emial")))));

    [Fact]
    public void Where_no_step_is_known_that_is_said() => Assert.Equal(
        ["Stage 1 'company.domain': no provider ships this step. No step is known here at all. Add its provider or correct the name."],
        Problems(p => p.Step("company.domain"), r => r with { Steps = new([]) }));

    [Fact]
    public void The_stronger_layer_wins_workstream_then_pipeline_then_client_then_batch()
    {
        var layers = Run(
            p => p.Step("clay.company", s => s.Options(new { webhookUrl = "https://pipeline", apiKey = "secret:PIPELINE" })),
            r =>
                r with
                {
                    WorkstreamSettings = Layer("clay.company", new { WebhookUrl = "https://workstream", PerSecond = 1 }),
                    ClientSettings = Layer("clay.company", new { apiKey = "secret:CLIENT", perSecond = 2 }),
                    BatchSettings = Layer("clay.company", new { perSecond = 3 }),
                    Secrets = (_, _) => new("x"),
                });
        Assert.Equal(
            """{"apiKey":"secret:CLIENT","PerSecond":3,"WebhookUrl":"https://pipeline"}""",
            layers.Stages[0].Settings?.GetRawText());
    }

    [Fact]
    public void A_missing_secret_is_a_problem_and_the_value_of_a_present_one_is_never_kept()
    {
        Assert.Equal(
            ["Stage 1 'clay.company': the setting 'apiKey' needs the secret 'CLAY', which this host does not have. Set the environment variable ENRICHMENT_SECRET_CLAY, or let the host's own resolver answer for it."],
            Problems(p => p.Step("clay.company", s => s.Options(Clay)), r => r with { Secrets = (_, _) => default }));
        Assert.DoesNotContain("p4ssw0rd", Run(p => p.Step("clay.company", s => s.Options(Clay))).ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_resolver_that_throws_is_a_problem_that_does_not_say_what_it_said() =>
        Assert.Equal(
            ["Stage 1 'clay.company': its secrets cannot be resolved: the host's resolver threw System.TimeoutException."],
            Problems(
                p => p.Step("clay.company", s => s.Options(Clay)),
                r => r with { Secrets = (asked, _) => throw new TimeoutException($"vault p4ssw0rd {asked.Name}") }));

    [Fact]
    public void A_step_that_only_other_hosts_have_is_launched_without_a_look_at_its_settings_and_secrets()
    {
        var foreign = SampleSteps.Catalogue.Manifests;
        var snapshot = Run(
            p => p.Step("clay.company", s => s.Options(new { anything = "secret:ELSEWHERE" })),
            r => r with { Steps = new Enrichment.Providers.StepCatalogue([]).With(foreign), Secrets = (_, _) => default });
        Assert.Equal("1.3.0", snapshot.Stages[0].Manifest.Version);
    }

    private static PipelineSnapshot Run(Action<PipelineBuilder> pipeline, Func<PreflightRequest, PreflightRequest>? change = null)
    {
        var request = new PreflightRequest
        {
            Pipeline = PipelineDefinition.Create("leads", pipeline),
            Steps = SampleSteps.Catalogue,
            Workstream = "apollo_scrape",
            WorkstreamVersion = "3.0.0",
            Fields = ["company.domain", "person.email"],
            Secrets = (asked, _) => new(asked.Name == "CLAY" ? "p4ssw0rd" : null),
        };
        return Bindings.Snapshot(change is null ? request : change(request));
    }

    private static IReadOnlyList<string> Problems(
        Action<PipelineBuilder> pipeline,
        Func<PreflightRequest, PreflightRequest>? change = null) => Assert.Throws<PreflightException>(() => Run(pipeline, change)).Problems;

    private static Dictionary<string, JsonElement> Layer(string step, object settings) =>
        new() { [step] = JsonSerializer.SerializeToElement(settings) };
}
