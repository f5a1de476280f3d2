using System.Text;
using Enrichment.Providers.Http.Tests.Declared;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Providers.Http.Tests.Vendors;

/// <summary>Documents in the engine: many of one kind side by side, and hosts that do not have them.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Several_vendors_and_versions_of_one_kind_stand_side_by_side()
    {
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(200, $$"""{"from":"{{exchange.Request.Target}}"}"""));
        await using var engine = Engine(":memory:", e => e
            .AddSteps([Vendor(vendor, "acme.a", "1.0.0"), Vendor(vendor, "acme.a", "2.0.0"), Vendor(vendor, "acme.b", "1.0.0")])
            .AddPipeline("all", p => p.Step("acme.a", s => s.Version("[1.0.0]")).Step("acme.a", s => s.Version("[2.0.0]")).Step("acme.b")));
        await engine.MigrateAsync();

        await LaunchAsync(engine, "all");
        await engine.RunUntilDrainedAsync();

        Assert.Equal(["/acme.a/1.0.0", "/acme.a/2.0.0", "/acme.b/1.0.0"], vendor.Requests.Select(request => request.Target));
    }

    [Fact]
    public void Two_documents_of_one_step_are_refused_by_both_names()
    {
        var error = Assert.Throws<EnrichmentException>(() =>
            Engine(":memory:", e => e.AddSteps([Parse("acme.a", "1.0.0", "{}", "a.json"), Parse("acme.a", "1.0.0", "{}", "b.json")])));

        Assert.EndsWith(
            "a.json and b.json are both step 'acme.a' 1.0.0. Give one of them another version or another slug.",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_that_the_engine_finds_in_a_document_is_told_with_its_file()
    {
        var error = Assert.Throws<EnrichmentException>(() =>
            Engine(":memory:", e => e.AddSteps([Parse("Acme", "1.0", "{}", "vendors/a.json")])));

        Assert.Contains("vendors/a.json: 'Acme' is not the slug of a step", error.Message, StringComparison.Ordinal);
        Assert.Contains("vendors/a.json: '1.0' is not a semantic version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_the_document_launches_what_another_runs()
    {
        await using var vendor = Try.Vendor(200, """{"size":42}""");
        var folder = Directory.CreateTempSubdirectory("vendors-");
        var database = Path.Combine(folder.FullName, "leads.db");
        try
        {
            await using (var working = Engine(database, e => e.AddSteps([Vendor(vendor, "acme.a", "1.0.0")])))
            {
                await working.MigrateAsync();
                await working.RunUntilDrainedAsync(); // Shows its steps to the others.
            }

            await using (
                var launching = Engine(
                    database,
                    e => e.AddPipeline("one", p => p.Step("acme.a", s => s.Options(new { request = new { method = "PUT" } })))))
            {
                await LaunchAsync(launching, "one");
            }

            // Edited in the meantime: the batch keeps what it was launched with.
            await using (
                var working = Engine(
                    database,
                    e => e.AddSteps([Parse("acme.a", "1.0.0", """{ "request": { "url": "https://nowhere.invalid/" } }""", "a.json")])
                ))
            {
                await working.RunUntilDrainedAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        var request = Assert.Single(vendor.Requests);
        Assert.Equal(("PUT", "/acme.a/1.0.0"), (request.Method, request.Target));
    }

    private static EnrichmentEngine Engine(string database, Action<EnrichmentBuilder> describe) => EnrichmentEngine.Create(e =>
    {
        e.UseSqlite(database).ConfigureWorker(new() { CommitDelay = TimeSpan.Zero });
        e.Services.AddSingleton(new OutboundHttp(Try.Local));
        describe(e);
    });

    private static async Task LaunchAsync(EnrichmentEngine engine, string pipeline)
    {
        var client = engine.Client("acme");
        await client.LaunchAsync("Company Name,Company Domain\nAcme,acme.com\n", pipeline);
    }

    private static StepDescriptor Vendor(LocalServer vendor, string step, string version) =>
        Parse(step, version, $$"""{ "request": { "url": "{{vendor.Url}}/{{step}}/{{version}}" } }""", $"{step}.json");

    private static StepDescriptor Parse(string step, string version, string options, string source) =>
        HttpVendors.Parse(
            Encoding.UTF8.GetBytes(
                $$"""{ "step": "{{step}}", "version": "{{version}}", "kind": "call", "reads": ["company.domain"], "produces": ["company.size=/size"], "options": {{options}} }"""),
            source);
}
