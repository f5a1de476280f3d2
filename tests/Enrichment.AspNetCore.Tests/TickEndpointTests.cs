using System.Net;
using System.Net.Http.Json;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests;

public sealed class TickEndpointTests
{
    [Fact]
    public async Task A_tick_works_for_who_may_call_it_and_reports_what_it_did()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, KeyHandler>("key", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy("scheduler", policy => policy.RequireRole("scheduler"));
        builder.Services.AddEnrichment(e =>
            e.UseSqlite(":memory:")
                .AddStep<VendorStep>()
                .AddPipeline(
                    "vendor",
                    p =>
                        p.Step(
                            "vendor.signed",
                            s =>
                                s.Options(
                                    VendorStep.Script(context => Task.FromResult(StepOutcome.Completed("company.answer", context.Name())))))));
        await using var app = builder.Build();
        app.MapEnrichmentTick("scheduler");
        app.MapEnrichmentCallbacks();
        await app.StartAsync();
        var engine = app.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        await engine.Client("acme").LaunchAsync("Company Name\nGlobex\n", "vendor");
        using var http = new HttpClient
        {
            BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
        };

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsync("/tick", null)).StatusCode);
        http.DefaultRequestHeaders.Add("key", "operator");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.PostAsync("/tick", null)).StatusCode);
        http.DefaultRequestHeaders.Remove("key");
        http.DefaultRequestHeaders.Add("key", "scheduler");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.GetAsync("/tick")).StatusCode);

        foreach (var seconds in new[] { "0", "-5", "ten", "9999999999" })
        {
            var refused = await http.PostAsJsonAsync($"/tick?seconds={seconds}", new { });
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("expected 1 or more", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var report = await (await http.PostAsJsonAsync("/tick?seconds=30", new { })).Content.ReadFromJsonAsync<WorkReport>();

        Assert.Equal(new WorkReport(1, 0, 1, IsIdle: true), report);
        await app.StopAsync();
    }
}
