using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Enrichment.Callbacks;
using Enrichment.Pipelines;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.Testing;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Providers.Clay.Tests;

/// <summary>A table is charged for every row: one goes out for each company and person.</summary>
public sealed class EntityTests
{
    private const string Member = "https://www.linkedin.com/sales/lead/ACwAAAJx1abcDEFghiJKLmnoPQRstuVWXyz0123";

    [Theory]
    [InlineData("https://www.acme.com/about", "linkedin.com/company/globex", "acme.com")]
    [InlineData("jane@gmail.com", "linkedin.com/company/Acme/", "https://www.linkedin.com/company/acme")]
    [InlineData("gmail.com", Member, null)]
    [InlineData(null, null, null)]
    public void A_company_is_told_by_its_domain_or_its_page(string? domain, string? page, string? key) => Assert.Equal(
        key,
        StepHarness
            .For(new ClayCompanyStep())
            .With("company.domain", domain)
            .With("company.linkedin_url", page)
            .With("company.name", "Acme")
            .Entity);

    [Theory]
    [InlineData("linkedin.com/in/Jane-Doe/", "jane@acme.com", "Jane Doe", "acme.com", "https://www.linkedin.com/in/jane-doe")]
    [InlineData(Member, "Jane@Acme.com", "Jane Doe", "acme.com", "jane@acme.com")]
    [InlineData(Member, "info@acme.com", "Jane Doe", "www.acme.com", "janedoe at acme.com")]
    [InlineData(null, "info@acme.com", null, "acme.com", null)]
    [InlineData(Member, null, "Jane Doe", "gmail.com", null)]
    [InlineData(null, null, "Jane", "acme.com", null)]
    public void A_person_is_told_by_profile_address_or_name_at_a_company(
        string? profile,
        string? email,
        string? name,
        string? domain,
        string? key) => Assert.Equal(
        key,
        StepHarness
            .For(new ClayPersonStep())
            .With("person.linkedin_url", profile)
            .With("person.email", email)
            .With("person.full_name", name)
            .With("company.domain", domain)
            .Entity);

    [Fact]
    public async Task People_of_one_company_make_one_row_and_each_without_a_domain_its_own()
    {
        CallbackReceiver? intake = null;
        var rows = new List<string>();
        await using var clay = new LocalServer(async exchange =>
        {
            var row = JsonElement.Parse(exchange.Request.Body);
            lock (rows)
            {
                rows.Add(row.GetProperty(row.TryGetProperty("company_domain", out _) ? "company_domain" : "company_name").GetString()!);
            }

            await exchange.JsonAsync(200, """{"success":true}""");
            var payload =
                row.TryGetProperty("company_domain", out var domain) && domain.ValueEquals("nobody.com")
                    ? "null"
                    : """{"name":"Acme","employee_count":42}""";
            var delivery =
                $$"""{"callback_token":{{row.GetProperty("callback_token").GetRawText()}},"raw_clay_company_enriched_payload":{{payload}}}""";
            await intake!.ReceiveAtStepAsync(
                "clay.company",
                [new("Authorization", "Bearer the DELIVERY")],
                PipeReader.Create(new(Encoding.UTF8.GetBytes(delivery))),
                default);
        });
        await using var services = Services(clay);
        intake = services.GetRequiredService<CallbackReceiver>();
        var engine = services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();

        var first = await RunAsync(
            engine,
            "Company Name,Company Domain\nAcme,acme.com\nAcme,acme.com\nAcme Inc,acme.com\nNobody,nobody.com\nNobody,nobody.com\nGlobex,\nGlobex,\n");
        Assert.Equal(["Globex", "Globex", "acme.com", "nobody.com"], rows.Order(StringComparer.Ordinal));
        Assert.Equal(
            ["42", "42", "42", "", "", "42", "42"],
            (await engine.Client("acme").ReadResultsAsync(first.Id).OrderBy(result => result.Item).ToListAsync()).Select(result =>
                JsonElement.Parse(result.Data.Span).TryGetProperty("company.employee_count", out var size) ? size.GetRawText() : ""));

        await RunAsync(engine, "Company Name,Company Domain\nAcme,acme.com\nNobody,nobody.com\n");
        Assert.Equal(4, rows.Count);
    }

    [Fact]
    public async Task The_pages_and_the_engine_agree_on_freshness()
    {
        var client = ClientDefinition.Parse(
            Page("docs/reference/entities.md").Single(line => line.StartsWith("{ \"slug\"", StringComparison.Ordinal)));
        var stage = Page("providers/Enrichment.Providers.Clay/README.md")
            .Single(line => line.StartsWith("{ \"step\"", StringComparison.Ordinal));
        await using var clay = new LocalServer(exchange => exchange.RespondAsync(200));
        await using var services = Services(
            clay,
            e =>
                e.TrustSettings(SettingsLayer.Launch, "clay.company")
                    .AddClient(client)
                    .AddPipeline(PipelineDefinition.Parse($$"""{ "name": "page", "stages": [ {{stage}} ] }""")));
        var engine = services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        var upload = await engine.Client("acme").StageAsync("Company Name,Company Domain\nAcme,acme.com\n");

        var launched = await engine
            .Client("acme")
            .LaunchAsync(
                upload.Id,
                new()
                {
                    Pipeline = "page",
                    Settings = new Dictionary<string, JsonElement>
                    {
                        ["clay.company"] = JsonElement.Parse("""{ "webhookUrl": "secret:COMPANIES" }"""),
                    },
                });

        Assert.Equal(1, launched.Items);
    }

    private static string[] Page(string path) => File.ReadAllLines(Path.Combine(TestPaths.RepositoryRoot, path));

    private static async Task<Batch> RunAsync(EnrichmentEngine engine, string csv)
    {
        var batch = await engine.RunAsync(csv, "clay");
        Assert.Equal(BatchStatus.Completed, batch.Status);
        return batch;
    }

    private static ServiceProvider Services(LocalServer clay, Action<EnrichmentBuilder>? more = null)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(Attempts.Http);
        services.AddEnrichment(e =>
            (more ?? (_ => { }))(
                e.UseSqlite(":memory:")
                    .UseSecrets(asked => asked.Name == "COMPANIES" ? clay.Url : $"the {asked.Name}")
                    .AddProvider<ClayProvider>()
                    .AddPipeline(
                        "clay",
                        p =>
                            p.Step(
                                "clay.company",
                                s => s.Options(new { webhookUrl = "secret:COMPANIES", deliverySecret = "secret:DELIVERY" })))
                    .ConfigureCallbacks(new() { Address = new("https://leads.example.com/callbacks") })
                    .ConfigureWorker(TestEngine.Quick)));
        return services.BuildServiceProvider();
    }
}
