using Enrichment.Pipelines;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What a launch would do, told before it.</summary>
public sealed class LaunchPreviewTests
{
    private static readonly object Answers = CompanyStep.Script(nameof(LaunchPreviewTests), _ => throw new InvalidOperationException("Nobody is called."));

    [Fact]
    public async Task Keys_conditions_and_rows_without_a_key_are_counted_and_nothing_is_launched()
    {
        await using var engine = await StartAsync(p => p
            .Step("test.domain")
            .Step("test.company", s => s.Options(Answers))
            .Step("test.size", s => s.When(Condition.Exists("company.domain")))
            .Step("test.label", s => s.When(Condition.Exists("company.employee_count")))
            .Step("test.company-order", s => s.Options(Answers).When(Condition.Exists("company.employee_count"))));
        var client = engine.Client("acme");
        var upload = await client.StageAsync(
            "Company Name,Website\nAcme,https://acme.com\nAcme Sales,https://www.acme.com/sales\nBeta,beta.example\nNone,\nMail,gmail.com\n");

        var preview = await client.PreviewLaunchAsync(upload.Id, new() { Pipeline = "previewed" });

        Assert.Equal(("previewed", 5), (preview.Pipeline, preview.Rows));
        Assert.Equal(["test.company", "test.size", "test.company-order"], preview.Stages.Select(stage => stage.Step));
        var (company, size, order) = (preview.Stages[0], preview.Stages[1], preview.Stages[2]);
        Assert.Equal((5, 2, 2, 2, 1), (company.Rows, company.Entities, company.WithoutKey, company.Calls, company.CallsSaved));
        Assert.Equal((2, null, 2, 0), (size.Rows, size.Entities, size.Calls, size.CallsSaved));
        Assert.Equal((5, 5, 0), (order.Rows, order.Undecided, order.Calls));
        Assert.Empty(await client.ListBatchesAsync().ToListAsync());

        var few = await client.PreviewLaunchAsync(upload.Id, new() { Pipeline = "previewed", Limit = 1 });
        Assert.Equal((1, 1), (few.Rows, few.Stages[0].Calls));
    }

    [Fact]
    public async Task Companies_that_are_probably_one_are_reported_and_not_merged()
    {
        await using var engine = await StartAsync(p => p.Step("test.company", s => s.Options(Answers)));
        var client = engine.Client("acme");
        var upload = await client.StageAsync(
            "Company Name,Website,Company Country\nMüller GmbH,mueller.de,Germany\nMuller,muller.com,DE\nMüller AG,mueller.de,Germany\nMüller,mueller.ch,Switzerland\nActive,active.com,\n");

        var stage = Assert.Single((await client.PreviewLaunchAsync(upload.Id, new() { Pipeline = "previewed" })).Stages);

        Assert.Equal((4, 4), (stage.Entities, stage.Calls));
        Assert.Equal(1, stage.AmbiguousGroups);
        Assert.Equal([[1, 2]], stage.AmbiguousRows);
    }

    [Fact]
    public async Task A_pipeline_that_cannot_run_is_refused_as_at_the_launch()
    {
        await using var engine = await StartAsync(p => p.Step("test.unheard"));
        var upload = await engine.Client("acme").StageAsync(TestEngine.Companies(1));

        await Assert.ThrowsAsync<PreflightException>(() =>
            engine.Client("acme").PreviewLaunchAsync(upload.Id, new() { Pipeline = "previewed" }));
    }

    private static Task<EnrichmentEngine> StartAsync(Action<PipelineBuilder> pipeline) => TestEngine.StartAsync(e => e
        .UseSqlite(":memory:")
        .AddStep<DomainStep>()
        .AddStep<CompanyStep>()
        .AddStep<CompanyOrderStep>()
        .AddStep<SizeStep>()
        .AddStep<LabelStep>()
        .AddPipeline("previewed", pipeline));
}
