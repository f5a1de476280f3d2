namespace Enrichment.Providers.Http.Tests.Declared;

/// <summary>Settings are refused at launch, all problems at once, and say nothing of secrets.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("https://{{company.domain}}/")]
    [InlineData("https://api.{{company.domain}}/")]
    [InlineData("{{company.website}}")]
    [InlineData("https://user:pass@acme.example/")]
    [InlineData("ftp://acme.example/")]
    [InlineData("/v1/companies")]
    [InlineData("https:///x")]
    [InlineData("https://acme.example:99999/x")]
    [InlineData("https://acme.example#x")]
    public void A_record_decides_no_host(string url) => Assert.Equal(
        ["Request.Url does not begin with a scheme and a host, such as https://api.example.com/. Placeholders may stand in the path and the query only."],
        Try.Problems<HttpCallOptions>($$"""{ "request": { "url": "{{url}}" } }""", out _));

    [Theory]
    [InlineData("https://acme.example")]
    [InlineData("HTTPS://acme.example:8443/{{company.domain}}")]
    [InlineData("http://127.0.0.1?x={{company.domain}}")]
    [InlineData("https://[2606:4700::1]/x")]
    public void A_host_that_stands_there_is_one(string url) => Assert.Empty(Try.Problems<HttpCallOptions>($$"""{ "request": { "url": "{{url}}" } }""", out _));

    [Fact]
    public void All_problems_are_told_at_once() => Assert.Equal(
        [
            "Authentication.Kind is Bearer, but there is no Credential. Set it to \"secret:NAME\".",
            "Request.Method is 'get': expected such as GET or POST, in capitals.",
            "Answer.Fields holds 'size', which is no JSON pointer: it must begin with '/', as in '/data/domain'.",
            "Answer.Found holds 'data', which is no JSON pointer: it must begin with '/', as in '/data/domain'.",
        ],
        Try.Problems<HttpCallOptions>(
            """{ "request": { "url": "https://acme.example/", "method": "get" }, "authentication": { "kind": "bearer" }, "answer": { "fields": { "company.size": "size" }, "found": "data" } }""", out _));

    [Fact]
    public void A_credential_that_goes_nowhere_is_told() => Assert.Equal(
        ["there is a Credential, but Authentication.Kind does not say where it goes. Set it to Bearer, Basic or Header."],
        Try.Problems<HttpCallOptions>("""{ "request": { "url": "https://acme.example/" }, "credential": "canary" }""", out _));

    [Fact]
    public void Options_do_not_print_their_secrets()
    {
        var options = Try.Options<HttpCallOptions>("""{ "request": { "url": "https://acme.example/" }, "authentication": { "kind": "bearer" }, "credential": "canary" }""");

        Assert.DoesNotContain("canary", options.ToString(), StringComparison.Ordinal);
    }
}
