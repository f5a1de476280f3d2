using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.AspNetCore.Tests.Guide;

/// <summary>The host with two engines that docs/guide/embedding.md shows.</summary>
public sealed class TwoEnginesTests
{
    [Fact]
    public async Task The_guides_host_has_two_engines_with_addresses_of_their_own()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(new HttpClient());
        Describe(builder, "Host=eu.invalid;Database=leads", "Host=us.invalid;Database=leads");
        await using var app = builder.Build();

        Map(app);

        Assert.NotSame(EngineOf(app.Services, "eu"), EngineOf(app.Services, "us"));
        Assert.Null(app.Services.GetService<EnrichmentEngine>());
        Assert.Equal(4, ((IEndpointRouteBuilder)app).DataSources.Sum(source => source.Endpoints.Count));
    }

    private static void Describe(WebApplicationBuilder builder, string europe, string america)
    {
        builder.Services.AddEnrichment("eu", e => e
            .UsePostgreSql(europe)
            .AddStep<AcmePersonStep>()
            .AddPipeline("people", p => p.Step("acme.person", s => s.Options(new { signingSecret = "secret:ACME_EU" })))
            .Configure(builder.Configuration.GetSection("Enrichment:eu"))
            .AddWorker());
        builder.Services.AddEnrichment("us", e => e
            .UsePostgreSql(america)
            .AddStep<AcmePersonStep>()
            .AddPipeline("people", p => p.Step("acme.person", s => s.Options(new { signingSecret = "secret:ACME_US" })))
            .Configure(builder.Configuration.GetSection("Enrichment:us"))
            .AddWorker());
        builder.Services.AddHealthChecks().AddEnrichmentHealthChecks("eu").AddEnrichmentHealthChecks("us");
    }

    private static void Map(WebApplication app)
    {
        app.MapEnrichmentCallbacks("/eu/callbacks", engine: "eu");
        app.MapEnrichmentCallbacks("/us/callbacks", engine: "us");
    }

    private static EnrichmentEngine EngineOf(IServiceProvider services, string name)
    {
        return services.GetRequiredKeyedService<EnrichmentEngine>(name);
    }
}
