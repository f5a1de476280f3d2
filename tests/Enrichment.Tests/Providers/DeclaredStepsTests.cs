using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Tests.Pipelines;
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

        Assert.Equal(
            ("python.size", "1.2.0", Effects.SafeToRepeat, 7, false),
            (manifest.Slug, manifest.Version, manifest.Effects, manifest.MaxTries, manifest.MayBeAnsweredLater));
        Assert.Equal(["company.name", "company.domain"], manifest.Reads);
        Assert.Equal([new("company.size"), new("company.industry", "/data/industry")], manifest.Produces);
        Assert.Equal("eu", manifest.Settings?.GetProperty("Region").GetString());
    }

    [Fact]
    public void A_document_says_what_the_answers_are_about()
    {
        const string Head = """{"step":"a","version":"1.0.0","reads":["company.domain","company.website"],"entity":""";

        var least = DeclaredSteps.Parse(Head + """{"kind":"company","keys":["company.domain"]}}""").Entity!;
        var most = DeclaredSteps
            .Parse(
                Head
                    + """{"kind":"site","keys":["company.website","company.domain"],"freshDays":0.5,"freshNotFoundDays":0,"callsWithoutKey":false,"mayBeShared":true}}""")
            .Entity!;

        Assert.Equal(new StepEntity("company", least.Keys), least);
        Assert.Equal(["company.domain"], least.Keys);
        Assert.Equal(
            new StepEntity("site", most.Keys)
            {
                Fresh = TimeSpan.FromHours(12),
                FreshNotFound = TimeSpan.Zero,
                MayBeShared = true,
            },
            most);
        Assert.Equal(["company.website", "company.domain"], most.Keys);
        Assert.Equal(
            ["company.domain"],
            DeclaredSteps
                .Parse(Head + """{"kind":"person","keys":["company.website"],"companyKeys":["company.domain"]}}""")
                .Entity!
                .CompanyKeys);
    }

    [Fact]
    public void A_document_says_what_the_vendor_allows_as_a_setting_among_the_others() => Assert.Equal(
        """{"limits":{"rate":5},"region":"eu"}""",
        DeclaredSteps.Parse("""{"step":"a","version":"1.0.0","options":{"region":"eu"},"limits":{"rate":5}}""").Settings?.GetRawText());

    [Theory]
    [InlineData("", Effects.Review)]
    [InlineData(""","pure":true""", Effects.Pure)]
    [InlineData(""","pure":false,"safeToRepeat":true""", Effects.SafeToRepeat)]
    public void Unless_it_says_otherwise_a_lost_call_is_put_up_for_review(string flags, Effects effects) =>
        Assert.Equal(effects, DeclaredSteps.Parse($$"""{"step":"a","version":"1.0.0"{{flags}}}""").Effects);

    [Theory]
    [InlineData("""{"version":"1.0.0"}""", "step, $: 'step' is missing.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","timeout":3}""",
        "step, $.timeout: a step has no property 'timeout'. Known: step, version, reads, produces, entity, pure, safeToRepeat, maxTries, deadlineSeconds, options, limits.")]
    [InlineData(
        """{"step":"A","version":"1.0.0"}""",
        "step, $: 'A' is not the slug of a step: expected lower-case words joined by dots or hyphens, such as company.domain, at most 100 characters.")]
    [InlineData("""{"step":"a","version":"1"}""", "step, $: '1' is not a semantic version such as 1.0.0.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","pure":true,"safeToRepeat":true}""",
        "step, $: the step is 'pure' and 'safeToRepeat'. A pure step has no call to repeat: keep one of them.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","produces":["b.c=d"]}""",
        "step, $.produces[0]: 'b.c=d' is not a produced field: the path 'd' must begin with '/', as in 'company.domain=/data/domain'.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","reads":["b c"]}""",
        "step, $: 'b c' is not a field: expected lower-case names joined by dots, such as person.first_name, at most 100 characters.")]
    [InlineData("""{"step":"a","version":"1.0.0","maxTries":0}""", "step, $: MaxTries is 0: expected 1 to 100.")]
    [InlineData("""{"step":"a","version":"1.0.0","limits":50}""", "step, $.limits: expected an object of settings, found 50.")]
    [InlineData("""{"step":"a","version":"1.0.0","options":[]}""", "step, $.options: expected an object of settings, found a list.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":"company"}""",
        "step, $.entity: expected an entity, an object with kind, keys, companyKeys, freshDays, freshNotFoundDays, callsWithoutKey, mayBeShared, found \"company\".")]
    [InlineData("""{"step":"a","version":"1.0.0","entity":{"kind":"company"}}""", "step, $.entity: 'keys' is missing.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"company","keys":["b"],"fresh":"1.00:00:00"}}""",
        "step, $.entity.fresh: an entity has no property 'fresh'. Did you mean 'freshDays' or 'freshNotFoundDays'? Known: kind, keys, companyKeys, freshDays, freshNotFoundDays, callsWithoutKey, mayBeShared.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"company","keys":["b"],"freshDays":400}}""",
        "step, $.entity.freshDays: expected a number of days from 0 to 366, found 400.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"Company","keys":["b"]},"reads":["b"]}""",
        "step, $: 'Company' is not a kind of entity: expected lower-case words joined by dots, hyphens or underscores, such as apollo_scrape, at most 100 characters.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"company","keys":[]}}""",
        "step, $: its entity 'company' has no field that holds the key.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"company","keys":["b"],"companyKeys":["b"]},"reads":["b"]}""",
        "step, $: its entity 'company' has fields for a company's key, which only the kind 'person' has. Remove them.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"person","keys":["b"],"companyKeys":["c"]},"reads":["b"]}""",
        "step, $: its entity has its key in 'c', which is not among the fields that it reads. Correct the name, or add it to what the step reads.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"company","keys":["b"]},"reads":["c"]}""",
        "step, $: its entity has its key in 'b', which is not among the fields that it reads. Correct the name, or add it to what the step reads.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"company","keys":["b"]},"reads":["b"],"pure":true}""",
        "step, $: it is pure and has an entity: it makes no call that items could share.")]
    [InlineData(
        """{"step":"a","version":"1.0.0","entity":{"kind":"company","keys":["b"],"callsWithoutKey":true},"reads":["b"]}""",
        "step, $: its entity has callsWithoutKey, but external workers get entity requests only. Remove it: such items are skipped with the reason.")]
    public void A_fault_of_a_document_is_told_with_its_place(string json, string error) =>
        Assert.Equal(error, Assert.Throws<EnrichmentException>(() => DeclaredSteps.Parse(json)).Message);

    [Fact]
    public void A_folder_is_read_whole_in_the_order_of_its_names()
    {
        using var folder = new ScratchFolder();
        Assert.Contains(
            "declares no step",
            Assert.Throws<EnrichmentException>(() => DeclaredSteps.Load(folder.Path)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder.Path, "b.json"), """{"step":"b","version":"1.0.0"}""");
        File.WriteAllText(Path.Combine(folder.Path, "a.json"), """{"step":"a","version":"1.0.0"}""");
        File.WriteAllText(Path.Combine(folder.Path, "readme.txt"), "not read");

        Assert.Equal(["a", "b"], DeclaredSteps.Load(folder.Path).Select(step => step.Slug));
        Assert.Equal(["b"], DeclaredSteps.Load(Path.Combine(folder.Path, "b.json")).Select(step => step.Slug));
        Assert.Contains(
            "cannot be read",
            Assert.Throws<EnrichmentException>(() => DeclaredSteps.Load(Path.Combine(folder.Path, "c.json"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_declared_step_is_shown_and_resolved_like_any_but_not_run()
    {
        var catalogue = new StepCatalogue([], [Size]);

        Assert.Equal([Size with { External = true }], catalogue.Manifests);
        Assert.Null(catalogue.Find("python.size", "1.0.0"));
        Assert.True(catalogue.With([Size with { Version = "9.0.0" }]).TryResolve("python.size", VersionRange.All, out var own));
        Assert.Equal("1.0.0", own.Manifest.Version);
    }

    [Theory]
    [InlineData("skip", null)]
    [InlineData(
        "call",
        "Stage 1 'python.size': only external workers do the step, and they make no call for an item without a key. Leave '$entity' withoutKey at skip.")]
    public void Without_a_key_nobody_would_call(string settings, string? problem)
    {
        var request = new PreflightRequest
        {
            Pipeline = PipelineDefinition.Parse(
                $$$"""{ "name": "leads", "stages": [ { "step": "python.size", "options": { "$entity": { "withoutKey": "{{{settings}}}" } } } ] }"""),
            Steps = new([], [Size with { Reads = ["company.domain"], Entity = new("company", ["company.domain"]) }]),
            Workstream = "any",
            WorkstreamVersion = "1",
            Fields = ["company.domain"],
        };

        Assert.Equal(
            problem,
            problem is null
                ? Bindings.Snapshot(request).Stages[0].Settings?.GetRawText()
                : Assert.Single(Assert.Throws<PreflightException>(() => Bindings.Snapshot(request)).Problems));
    }

    [Fact]
    public void A_declared_step_that_contradicts_itself_or_a_step_of_the_host_is_refused()
    {
        var error = Assert
            .Throws<EnrichmentException>(() =>
                new StepCatalogue(
                    [StepDescriptor.Of<SizeOne>()],
                    [
                        Size,
                        Size,
                        Size with
                        {
                            Slug = "company.size",
                            Version = "1.0.0",
                        },
                        Size with
                        {
                            Slug = "later",
                            ReceivesCallbacks = true,
                        },
                        Size with
                        {
                            Slug = "many",
                            BulkSize = 5,
                        },
                        Size with
                        {
                            Slug = "Wrong",
                        },
                    ]))
            .Message;

        Assert.Contains(
            "Step 'python.size' 1.0.0 is declared, but another declaration is that step already.",
            error,
            StringComparison.Ordinal);
        Assert.Contains(
            $"Step 'company.size' 1.0.0 is declared, but {typeof(SizeOne)} is that step already.",
            error,
            StringComparison.Ordinal);
        Assert.Contains("Declared step 'later': it is declared as answered by callback or poll", error, StringComparison.Ordinal);
        Assert.Contains("Declared step 'many': it has a BulkSize", error, StringComparison.Ordinal);
        Assert.Contains("Declared step 'Wrong': 'Wrong' is not the slug", error, StringComparison.Ordinal);
    }

    [EnrichmentStep("company.size", "1.0.0")]
    private sealed class SizeOne : NoStep;
}
