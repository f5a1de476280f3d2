using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.AspNetCore.Tests.Guide;

/// <summary>The addresses that docs/reference/telemetry.md shows.</summary>
public sealed class HealthPageTests
{
    [Fact]
    public async Task A_host_answers_whether_it_lives_and_is_ready()
    {
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(context => Task.FromResult(StepOutcome.AwaitingCallback())), ["Globex"], describe: e => e.Services.AddHealthChecks().AddEnrichmentHealthChecks(), app: Map);

        Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync(receiver, "/livez"));
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync(receiver, "/readyz"));
    }

    private static void Map(WebApplication app)
    {
        app.MapHealthChecks("/livez", new() { Predicate = check => check.Tags.Contains("live") });
        app.MapHealthChecks("/readyz", new() { Predicate = check => check.Tags.Contains("ready") });
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(Receiver receiver, string path)
    {
        using var response = await receiver.Http.GetAsync(new Uri(receiver.Address, path));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
