using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests;

/// <summary>Who is refused at the endpoints that make calls and show records, and how, whatever the host has set up or forgotten.</summary>
public sealed class EndpointGuardTests
{
    private static readonly string[] Routes =
    [
        "tick",
        "workers/fetch",
        "workers/complete",
        "workers/skip",
        "workers/fail",
        "workers/defer",
        "workers/extend",
    ];

    private readonly ConcurrentQueue<string> errors = new();

    [Fact]
    public async Task A_host_without_authorization_answers_403_to_everybody_and_says_so_when_it_starts()
    {
        await using var app = await StartAsync(_ => { });

        Assert.Equal(2, errors.Count);
        Assert.All(
            errors,
            error =>
                Assert.Contains(
                    "answers 403 to everybody: the host has no authorization policy 'machines'",
                    error,
                    StringComparison.Ordinal));
        await EachAsync(app, Request(), 403);
    }

    [Fact]
    public async Task A_policy_that_is_not_there_lets_nobody_in()
    {
        await using var app = await StartAsync(services =>
            services.AddAuthorizationBuilder().AddPolicy("machine", policy => policy.RequireAssertion(_ => true)));

        Assert.Equal(2, errors.Count);
        await EachAsync(app, Request(), 403);
    }

    [Fact]
    public async Task A_policy_that_compares_a_key_itself_answers_401_to_a_wrong_one()
    {
        await using var app = await StartAsync(services => services.AddAuthorizationBuilder().AddPolicy(
            "machines", policy => policy.RequireAssertion(context => ((HttpContext)context.Resource!).Request.Headers["key"] == "right")));

        Assert.Empty(errors);
        await EachAsync(app, Request(), 401);
        await EachAsync(app, Request(("key", "wrong")), 401);
        await EachAsync(app, Request(("key", "right")), 200, 204, 400);
    }

    [Fact]
    public async Task A_scheme_words_the_refusal_and_the_hosts_other_policies_stay_in_force()
    {
        await using var app = await StartAsync(
            services =>
            {
                services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, KeyHandler>("key", null);
                services.AddAuthorizationBuilder()
                    .AddPolicy("machines", policy => policy.RequireRole("machine"))
                    .AddPolicy(
                        "inside",
                        policy => policy.RequireAssertion(context => ((HttpContext)context.Resource!).Request.Headers["inside"] == "yes"))
                    .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole("nobody").Build());
            },
            endpoints => endpoints.RequireAuthorization("inside"));

        await EachAsync(app, Request(("inside", "yes")), 401);
        await EachAsync(app, Request(("inside", "yes"), ("key", "operator")), 403);
        await EachAsync(app, Request(("key", "machine")), 403);
        await EachAsync(app, Request(("inside", "yes"), ("key", "machine")), 200, 204, 400);
    }

    [Fact]
    public async Task A_request_that_a_page_of_another_site_can_make_a_browser_send_is_refused()
    {
        await using var app = await StartAsync(services =>
            services.AddAuthorizationBuilder().AddPolicy("machines", policy => policy.RequireAssertion(_ => true)));

        foreach (
            var type in new[]
            {
                null,
                "text/plain",
                "text/plain;charset=UTF-8",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/json",
                "application/jsonp",
            })
        {
            await EachAsync(app, Request(type), 415);
        }

        foreach (var site in new[] { "cross-site", "same-site", "Cross-Site", "unheard-of" })
        {
            await EachAsync(app, Request(("Sec-Fetch-Site", site)), 403);
        }

        foreach (var site in new[] { "none", "same-origin" })
        {
            await EachAsync(app, Request(("Sec-Fetch-Site", site)), 200, 204, 400);
        }
    }

    private static Func<string, HttpRequestMessage> Request(params (string Name, string Value)[] headers) =>
        Request("application/json", headers);

    private static Func<string, HttpRequestMessage> Request(string? type, params (string Name, string Value)[] headers) => route =>
    {
        var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = new ByteArrayContent("{}"u8.ToArray()) };
        request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    };

    private static async Task EachAsync(WebApplication app, Func<string, HttpRequestMessage> request, params int[] expected)
    {
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        foreach (var route in Routes)
        {
            using var made = request(route);
            using var answer = await http.SendAsync(made);
            Assert.True(
                expected.Contains((int)answer.StatusCode),
                $"{route}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private async Task<WebApplication> StartAsync(Action<IServiceCollection> setUp, Action<IEndpointConventionBuilder>? further = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider>(new HeardLog(errors, LogLevel.Error));
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddEnrichment(e => e.UseSqlite(":memory:"));
        setUp(builder.Services);
        var app = builder.Build();
        var (tick, workers) = (app.MapEnrichmentTick("machines"), app.MapEnrichmentWorkers("machines", _ => WorkerScope.Everything));
        further?.Invoke(tick);
        further?.Invoke(workers);
        await app.Services.GetRequiredService<EnrichmentEngine>().MigrateAsync();
        await app.StartAsync();
        return app;
    }
}
