using Enrichment.Providers;
using NuGet.Versioning;

namespace Enrichment.Tests.Providers;

public class DeclaredStepsTests
{
    private static readonly StepManifest Size = new() { Slug = "python.size", Version = "1.0.0" };

    [Fact]
    public void A_document_says_what_the_engine_has_to_know_of_a_step()
    {
        var manifest = DeclaredSteps.Parse("""
            {
              "step": "python.size", "version": "1.2.0",
              "reads": ["company.name", "company.domain"],
              "produces": ["company.size", "company.industry=/data/industry"], // comments are allowed
              "safeToRepeat": true, "maxTries": 7, "options": { "Region": "eu" },
            }
            """);

        Assert.Equal(("python.size", "1.2.0", Effects.SafeToRepeat, 7, false), (manifest.Slug, manifest.Version, manifest.Effects, manifest.MaxTries, manifest.MayBeAnsweredLater));
        Assert.Equal(["company.name", "company.domain"], manifest.Reads);
        Assert.Equal([new("company.size"), new("company.industry", "/data/industry")], manifest.Produces);
        Assert.Equal("eu", manifest.Settings?.GetProperty("Region").GetString());
    }

    [Theory]
    [InlineData("", Effects.Review)]
    [InlineData(""","pure":true""", Effects.Pure)]
    [InlineData(""","pure":false,"safeToRepeat":true""", Effects.SafeToRepeat)]
    public void Unless_it_says_otherwise_a_lost_call_is_put_up_for_review(string flags, Effects effects) =>
        Assert.Equal(effects, DeclaredSteps.Parse($$"""{"step":"a","version":"1.0.0"{{flags}}}""").Effects);

    [Theory]
    [InlineData("""{"version":"1.0.0"}""", "step, $: 'step' is missing.")]
    [InlineData("""{"step":"a","version":"1.0.0","timeout":3}""", "step, $.timeout: a step has no property 'timeout'. Known: step, version, reads, produces, pure, safeToRepeat, maxTries, options.")]
    [InlineData("""{"step":"A","version":"1.0.0"}""", "step, $: 'A' is not the slug of a step: expected lower-case words joined by dots or hyphens, such as company.domain, at most 100 characters.")]
    [InlineData("""{"step":"a","version":"1"}""", "step, $: '1' is not a semantic version: expected such as 1.0.0.")]
    [InlineData("""{"step":"a","version":"1.0.0","pure":true,"safeToRepeat":true}""", "step, $: the step is 'pure' and 'safeToRepeat'. A pure step has no call to repeat: keep one of them.")]
    [InlineData("""{"step":"a","version":"1.0.0","produces":["b.c=d"]}""", "step, $.produces[0]: 'b.c=d' is not a produced field: the path 'd' must begin with '/', as in 'company.domain=/data/domain'.")]
    [InlineData("""{"step":"a","version":"1.0.0","reads":["b c"]}""", "step, $: 'b c' is not a field: expected lower-case names joined by dots, such as person.first_name, at most 100 characters.")]
    [InlineData("""{"step":"a","version":"1.0.0","maxTries":0}""", "step, $: MaxTries is 0: expected 1 to 100.")]
    [InlineData("""{"step":"a","version":"1.0.0","options":[]}""", "step, $.options: expected an object of settings, found a list.")]
    public void What_is_wrong_with_a_document_is_told_with_its_place(string json, string error) =>
        Assert.Equal(error, Assert.Throws<EnrichmentException>(() => DeclaredSteps.Parse(json)).Message);

    [Fact]
    public void A_folder_is_read_whole_in_the_order_of_its_names()
    {
        using var folder = new ScratchFolder();
        Assert.Contains("declares no step", Assert.Throws<EnrichmentException>(() => DeclaredSteps.Load(folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder.Path, "b.json"), """{"step":"b","version":"1.0.0"}""");
        File.WriteAllText(Path.Combine(folder.Path, "a.json"), """{"step":"a","version":"1.0.0"}""");
        File.WriteAllText(Path.Combine(folder.Path, "readme.txt"), "not read");

        Assert.Equal(["a", "b"], DeclaredSteps.Load(folder.Path).Select(step => step.Slug));
        Assert.Equal(["b"], DeclaredSteps.Load(Path.Combine(folder.Path, "b.json")).Select(step => step.Slug));
        Assert.Contains("cannot be read", Assert.Throws<EnrichmentException>(() => DeclaredSteps.Load(Path.Combine(folder.Path, "c.json"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_declared_step_is_shown_and_resolved_like_any_but_not_run()
    {
        var catalogue = new StepCatalogue([], [Size]);

        Assert.Equal([Size], catalogue.Manifests);
        Assert.Null(catalogue.Find("python.size", "1.0.0"));
        Assert.True(catalogue.With([Size with { Version = "9.0.0" }]).TryResolve("python.size", VersionRange.All, out var own));
        Assert.Equal("1.0.0", own.Manifest.Version);
    }

    [Fact]
    public void What_contradicts_itself_or_a_step_of_the_host_is_refused()
    {
        var error = Assert.Throws<EnrichmentException>(() => new StepCatalogue(
            [StepDescriptor.Of<SizeOne>()],
            [Size, Size, Size with { Slug = "company.size", Version = "1.0.0" }, Size with { Slug = "later", ReceivesCallbacks = true }, Size with { Slug = "many", BulkSize = 5 }, Size with { Slug = "Wrong" }])).Message;

        Assert.Contains("Step 'python.size' 1.0.0 is declared, but another declaration is that step already.", error, StringComparison.Ordinal);
        Assert.Contains($"Step 'company.size' 1.0.0 is declared, but {typeof(SizeOne)} is that step already.", error, StringComparison.Ordinal);
        Assert.Contains("Declared step 'later': it is declared as answered later", error, StringComparison.Ordinal);
        Assert.Contains("Declared step 'many': it has a BulkSize", error, StringComparison.Ordinal);
        Assert.Contains("Declared step 'Wrong': 'Wrong' is not the slug", error, StringComparison.Ordinal);
    }

    [EnrichmentStep("company.size", "1.0.0")]
    private sealed class SizeOne : NoStep;
}
