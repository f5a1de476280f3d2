using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.Providers;

namespace Enrichment.Tests.Pipelines;

public class CallLimitsTests
{
    [Fact]
    public void Limits_stand_among_the_settings_in_layers_and_are_taken_out_of_them()
    {
        var (limits, settings) = Launch(
            pipeline: new { Limits = new { burst = 20 }, place = "here" },
            client: new { limits = new { rate = 10, name = "acme-account" } });

        Assert.Equal(new() { Name = "acme-account", Rate = 10, Burst = 20, Concurrency = 8 }, limits);
        Assert.Equal("""{"place":"here"}""", settings!.Value.GetRawText());
    }

    [Fact]
    public void A_step_says_what_its_vendor_allows_and_a_layer_may_take_it_away()
    {
        Assert.Equal(new() { Rate = 50, Concurrency = 8 }, Launch().Limits);
        Assert.Null(Launch(client: new { limits = (object?)null }).Limits);
    }

    [Fact]
    public void Spacing_and_lateness_of_calls_follow_from_rate_and_burst()
    {
        Assert.Equal((TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(130)), Spacing(new() { Rate = 50 }));
        Assert.Equal((TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(50)), Spacing(new() { Rate = 50, Burst = 5 }));
        Assert.Equal((TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(3)), Spacing(new() { Rate = 10, Per = TimeSpan.FromMinutes(1) }));
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), Spacing(new() { Concurrency = 5 }));

        static (TimeSpan, TimeSpan) Spacing(CallLimits limits) => (limits.Gap, limits.Late);
    }

    [Theory]
    [InlineData("""{"rat": 5}""", "it has no setting 'rat'. Did you mean 'rate'?")]
    [InlineData("""{"rate": 0}""", "rate is 0 in 00:00:01: expected from one call in 30 days to 100000 in a second.")]
    [InlineData(
        """{"rate": 0.000001, "per": "1.00:00:00"}""",
        "rate is 1E-06 in 1.00:00:00: expected from one call in 30 days to 100000 in a second.")]
    [InlineData(
        """{"rate": 100000, "per": "00:00:00.001"}""",
        "rate is 100000 in 00:00:00.0010000: expected from one call in 30 days to 100000 in a second.")]
    [InlineData(
        """{"rate": 50, "burst": 4}""",
        "burst is 4: expected 1 or more, at least what the rate allows in a tenth of a second and at most what it allows in a day. Hosts together are no more exact than a tenth of a second.")]
    [InlineData(
        """{"rate": 1, "per": "1.00:00:00", "burst": 2000000000}""",
        "burst is 2000000000: expected 1 or more, at least what the rate allows in a tenth of a second and at most what it allows in a day. Hosts together are no more exact than a tenth of a second.")]
    [InlineData("""{"burst": 4}""", "there is a burst, but no rate.")]
    [InlineData("""{"concurrency": 0}""", "concurrency is 0: expected 1 to 10000.")]
    [InlineData("""{"per": "2.00:00:00"}""", "per is 2.00:00:00: expected 00:00:00.001 to 1.00:00:00.")]
    [InlineData("""{"breakAfter": 0}""", "breakAfter is 0: expected 1 to 1000.")]
    [InlineData("""{"name": "Our Account"}""", "'Our Account' is not the name of a limit")]
    [InlineData("50", "expected an object such as {\"rate\": 50}.")]
    public void Limits_that_cannot_be_are_told_at_launch(string limits, string problem)
    {
        var refused = Assert.Throws<PreflightException>(() =>
            Launch(client: new { limits = JsonElement.Parse(limits) }, step: typeof(UnlimitedStep)));

        Assert.True(
            refused.Message.Contains($"Stage 1 'test.unlimited': its limits: {problem}", StringComparison.Ordinal),
            refused.Message);
    }

    [Fact]
    public void A_pure_step_makes_no_calls_that_could_be_limited()
    {
        var refused = Assert.Throws<PreflightException>(() => Launch(client: new { limits = new { rate = 5 } }, step: typeof(PureStep)));

        Assert.Contains(
            "Stage 1 'test.pure': its limits: the step is pure and makes no calls. Remove them.",
            refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_have_a_setting_of_that_name_are_refused()
    {
        var refused = Assert.Throws<EnrichmentException>(() => new StepCatalogue([StepDescriptor.Of<TakenStep>()]));

        Assert.Contains(
            $"its options {typeof(TakenOptions)} have a property Limits, but the setting 'limits' is the engine's. Give the property another name.",
            refused.Message,
            StringComparison.Ordinal);
    }

    private static (CallLimits? Limits, JsonElement? Settings) Launch(object? pipeline = null, object? client = null, Type? step = null)
    {
        var slug = StepManifest.Of(step ?? typeof(LimitedStep)).Slug;
        var stage = Bindings.Snapshot(new()
        {
            Pipeline = PipelineDefinition.Create("leads", p => p.Step(slug, s => s.Options(pipeline ?? new { }))),
            Steps = new([StepDescriptor.Of<LimitedStep>(), StepDescriptor.Of<UnlimitedStep>(), StepDescriptor.Of<PureStep>()]),
            Workstream = "any",
            WorkstreamVersion = "1",
            Fields = [],
            ClientSettings = ClientDefinition.Create("acme", c => c.Step(slug, client ?? new { })).Settings,
        }).Stage(1);
        return (stage.Limits, stage.Settings);
    }

    private sealed class PlaceOptions
    {
        public string Place { get; init; } = "";
    }

    private sealed class TakenOptions
    {
        public int Limits { get; init; }
    }

    [EnrichmentStep("test.limited", "1.0.0", Limits = """{"rate": 50, "concurrency": 8}""", Options = typeof(PlaceOptions))]
    private sealed class LimitedStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.NotFound());
    }

    [EnrichmentStep("test.unlimited", "1.0.0")]
    private sealed class UnlimitedStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.NotFound());
    }

    [EnrichmentStep("test.pure", "1.0.0", Pure = true)]
    private sealed class PureStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.NotFound());
    }

    [EnrichmentStep("test.taken", "1.0.0", Options = typeof(TakenOptions))]
    private sealed class TakenStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.NotFound());
    }
}
