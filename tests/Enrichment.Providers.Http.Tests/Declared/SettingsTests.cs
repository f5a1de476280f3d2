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
        ["request.url does not begin with a scheme and a host, such as https://api.example.com/. Placeholders may stand in the path and the query only."],
        Try.Problems<HttpCallOptions>($$"""{ "request": { "url": "{{url}}" } }""", out _));

    [Theory]
    [InlineData("https://acme.example")]
    [InlineData("HTTPS://acme.example:8443/{{company.domain}}")]
    [InlineData("http://127.0.0.1?x={{company.domain}}")]
    [InlineData("https://[2606:4700::1]/x")]
    public void A_host_that_stands_there_is_one(string url) =>
        Assert.Empty(Try.Problems<HttpCallOptions>($$"""{ "request": { "url": "{{url}}" } }""", out _));

    [Fact]
    public void All_problems_are_told_at_once() =>
        Assert.Equal(
            [
                "authentication.kind is Bearer, but there is no credential. Set it to \"secret:NAME\".",
                "request.method is 'get': expected such as GET or POST, in capitals.",
                "answer.fields holds 'size', which is not a JSON pointer: it must begin with '/', as in '/data/domain'.",
                "answer.found holds 'data', which is not a JSON pointer: it must begin with '/', as in '/data/domain'.",
            ],
            Try.Problems<HttpCallOptions>(
                """{ "request": { "url": "https://acme.example/", "method": "get" }, "authentication": { "kind": "bearer" }, "answer": { "fields": { "company.size": "size" }, "found": "data" } }""",
                out _));

    [Fact]
    public void A_credential_that_goes_nowhere_is_told() => Assert.Equal(
        ["there is a credential, but authentication.kind does not say where it goes. Set it to Bearer, Basic, Header or Query."],
        Try.Problems<HttpCallOptions>("""{ "request": { "url": "https://acme.example/" }, "credential": "canary" }""", out _));

    [Theory]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("x-http-method")]
    public void No_header_makes_another_method_of_the_call(string name) =>
        Assert.Contains(
            $"request.headers holds '{name}', which would change the method of the call. Set request.method instead.",
            Try.Problems<HttpCallOptions>(
                $$"""{ "request": { "url": "https://acme.example/", "headers": { "{{name}}": "DELETE" } } }""",
                out _));

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("content-encoding")]
    [InlineData("Host")]
    [InlineData("Transfer-Encoding")]
    public void Headers_that_are_the_connections_or_the_bodys_are_refused(string name) => Assert.Equal(
        [$"request.headers holds '{name}', which cannot be set: what is true of the connection and of the body's length and coding is said without it. Leave it out."],
        Try.Problems<HttpCallOptions>($$"""{ "request": { "url": "https://acme.example/", "headers": { "{{name}}": "5" } } }""", out _));

    [Theory]
    [InlineData(
        """ "request": { "url": "https://acme.example/", "headers": { "X Key": "5" } } """,
        "request.headers holds 'X Key', which cannot be set: it is no header's name.")]
    [InlineData(
        """ "request": { "url": "https://acme.example/", "headers": { "": "5" } } """,
        "request.headers holds '', which cannot be set: it is no header's name.")]
    [InlineData(
        """ "request": { "url": "https://acme.example/", "idempotencyHeader": "Content-Type" } """,
        "request.idempotencyHeader holds 'Content-Type', which cannot be set: what is true of the connection and of the body's length and coding is said without it. Leave it out.")]
    [InlineData(
        """ "request": { "url": "https://acme.example/" }, "authentication": { "kind": "header", "header": "Key:" }, "credential": "k" """,
        "authentication.header holds 'Key:', which cannot be set: it is no header's name.")]
    [InlineData(
        """ "request": { "url": "https://acme.example/", "headers": { "Content-Type": "json" } } """,
        "request.headers gives 'Content-Type' a value that is not a media type such as application/json.")]
    [InlineData(
        """ "request": { "url": "https://acme.example/", "headers": { "X-Key": "canary\r\nX-Admin: 1" } } """,
        "request.headers gives 'X-Key' a value with a line end or another character that no header can carry: it has to be ASCII.")]
    [InlineData(
        """ "request": { "url": "https://acme.example/", "headers": { "X-Key": "canäry {{company.domain}}" } } """,
        "request.headers gives 'X-Key' a value with a line end or another character that no header can carry: it has to be ASCII.")]
    [InlineData(
        """ "request": { "url": "https://acme.example/", "headers": { "X-Key": "canary\n" } } """,
        "request.headers gives 'X-Key' a value that is empty, or begins or ends with white space. Correct it, or leave the header out.")]
    [InlineData(
        """ "request": { "url": "https://acme.example/", "headers": { "X-Key": "" } } """,
        "request.headers gives 'X-Key' a value that is empty, or begins or ends with white space. Correct it, or leave the header out.")]
    public void Headers_that_could_only_fail_are_refused(string settings, string problem) =>
        Assert.Equal([problem], Try.Problems<HttpCallOptions>($$"""{ {{settings}} }""", out _));

    [Theory]
    [InlineData(""" "url": "https://acme.example/{{company.name" """, "request.url")]
    [InlineData(""" "url": "https://acme.example/{{}}" """, "request.url")]
    [InlineData(""" "url": "https://acme.example/", "headers": { "X-Key": "{{company.domain}} {{company.name}" } """, "request.headers")]
    [InlineData(""" "url": "https://acme.example/", "body": { "name": ["{{company.{name}}"] } """, "request.body")]
    public void A_placeholder_that_is_none_is_refused(string request, string setting) => Assert.Equal(
        [$"{setting} holds \"{{{{\" that begins no placeholder and would be sent as it is. Write {{{{name}}}}, closed and without braces inside."],
        Try.Problems<HttpCallOptions>($$"""{ "request": { {{request}} } }""", out _));

    [Theory]
    [InlineData(""" "url": "https://acme.example/?key=secret:ACME_KEY" """, "request.url")]
    [InlineData(""" "url": "https://acme.example/", "headers": { "Authorization": "Token secret:ACME_KEY" } """, "request.headers")]
    [InlineData(""" "url": "https://acme.example/", "body": "key=secret:ACME_KEY" """, "request.body")]
    public void A_secret_that_would_be_sent_by_its_name_is_refused(string request, string setting) => Assert.Equal(
        [$"{setting} holds \"secret:\" inside a longer text, where it names no secret and would be sent as it is. A secret is a whole text of its own: Credential, a header, or a text of the body."],
        Try.Problems<HttpCallOptions>($$"""{ "request": { {{request}} } }""", out _));

    [Theory]
    [InlineData("query { company { name }}")]
    [InlineData("This is no secret: we wrote it down.")]
    [InlineData("{ {{company.domain}} }")]
    public void A_text_that_only_looks_so_is_one(string text) =>
        Assert.Empty(Try.Problems<HttpCallOptions>($$"""{ "request": { "url": "https://acme.example/", "body": "{{text}}" } }""", out _));

    [Fact]
    public void Polls_and_items_are_looked_at_too()
    {
        Assert.StartsWith(
            "poll.url holds \"{{\"",
            Assert.Single(
                Try.Problems<HttpPollOptions>(
                    """{ "request": { "url": "https://acme.example/" }, "poll": { "url": "https://acme.example/{{reference" } }""",
                    out _)),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "bulk.item holds \"{{\"",
            Assert.Single(
                Try.Problems<HttpBulkOptions>(
                    """{ "request": { "url": "https://acme.example/", "body": "{{items}}" }, "bulk": { "item": "{{person.email" } }""",
                    out _)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer", "", "credential is empty.")]
    [InlineData("Basic", "  ", "credential is empty.")]
    [InlineData("Bearer", "canary\\n", "credential begins or ends with white space, such as the line end of a file.")]
    [InlineData("Basic", " canary", "credential begins or ends with white space, such as the line end of a file.")]
    [InlineData("Basic", "can\\nary", "credential holds a line end.")]
    [InlineData("Header", "canäry", "credential holds a character that no header can carry: it has to be ASCII.")]
    [InlineData("Basic", "canäry")]
    public void Credentials_that_are_none_are_refused(string kind, string credential, params string[] problems) =>
        Assert.Equal(
            problems,
            Try.Problems<HttpCallOptions>(
                $$"""{ "request": { "url": "https://acme.example/" }, "authentication": { "kind": "{{kind}}" }, "credential": "{{credential}}" }""",
                out _));

    [Theory]
    [InlineData("callbackSecret", "formerCallbackSecret", "callbackSecret")]
    [InlineData("formerCallbackSecret", "callbackSecret", "formerCallbackSecret")]
    public void Secrets_of_deliveries_that_are_none_are_refused(string setting, string sound, string name) =>
        Assert.Equal(
            [$"{name} begins or ends with white space, such as the line end of a file."],
            Try.Problems<HttpCallbackOptions>(
                $$"""{ "request": { "url": "https://acme.example/" }, "callback": { "signature": "Hmac" }, "{{setting}}": "canary\n", "{{sound}}": "sound" }""",
                out _));

    [Fact]
    public void Options_do_not_print_their_secrets()
    {
        var options = Try.Options<HttpCallOptions>(
            """{ "request": { "url": "https://acme.example/" }, "authentication": { "kind": "bearer" }, "credential": "canary" }"""
        );

        Assert.DoesNotContain("canary", options.ToString(), StringComparison.Ordinal);
    }
}
