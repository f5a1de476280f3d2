using System.Net;
using Enrichment.Testing;

namespace Enrichment.EndToEnd.Tests.Guide;

/// <summary>The tests that docs/guide/writing-a-step.md shows.</summary>
public sealed class StepTests
{
    [Fact]
    public async Task A_website_becomes_a_domain()
    {
        var harness = StepHarness.For<CompanyDomainStep>().With("company.website", "https://www.acme.co.uk/about");
        var answer = await harness.RunAsync();
        Assert.Equal("acme.co.uk", answer.Text("company.domain"));
    }

    [Fact]
    public async Task A_vendor_that_hangs_leaves_the_outcome_unknown()
    {
        using var http = new HttpClient(new Vendor(_ => new TaskCompletionSource<HttpResponseMessage>().Task));
        var harness = StepHarness.For(new CompanySizeStep(http))
            .With("company.domain", "acme.com")
            .WithOptions(new CompanySizeOptions { ApiKey = "key" });

        var running = harness.RunAsync();
        harness.Clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(StepOutcomeKind.Unknown, (await running).Kind);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, StepOutcomeKind.Completed)]
    [InlineData(HttpStatusCode.NotFound, StepOutcomeKind.NotFound)]
    [InlineData(HttpStatusCode.Unauthorized, StepOutcomeKind.Failed)]
    [InlineData(HttpStatusCode.TooManyRequests, StepOutcomeKind.RateLimited)]
    [InlineData(HttpStatusCode.BadGateway, StepOutcomeKind.Unknown)]
    [InlineData(HttpStatusCode.BadRequest, StepOutcomeKind.Failed)]
    public async Task Each_status_of_the_vendor_is_an_outcome(HttpStatusCode status, StepOutcomeKind kind)
    {
        using var http = new HttpClient(new Vendor(_ => Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent("""{"size":{"employees":51}}""") })));
        var answer = await StepHarness.For(new CompanySizeStep(http)).With("company.domain", "acme.com").WithOptions(new CompanySizeOptions { ApiKey = "key" }).RunAsync();

        Assert.Equal(kind, answer.Kind);
        Assert.Equal(kind == StepOutcomeKind.Completed ? "51" : null, answer.Text("company.employee_count"));
    }

    private sealed class Vendor(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request);
    }
}
