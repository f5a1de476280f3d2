using System.Text.Json;
using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

/// <summary>A secret in plain text is refused wherever it stands: what is in a definition is in every snapshot made of it.</summary>
public sealed class PlainSecretTests
{
    private static readonly BindingContext Context = new(new() { Slug = "acme.call", Version = "1.0.0" }, "acme", (_, _) => new("x"));

    [Theory]
    [InlineData("""{"account":{"password":"canary"}}""", "account.password")]
    [InlineData("""{"accounts":[{"password":"secret:A"},{"password":"canary"}]}""", "accounts.1.password")]
    [InlineData("""{"byCountry":{"de":{"password":"canary"}}}""", "byCountry.de.password")]
    [InlineData("""{"keys":["secret:A","canary"]}""", "keys.1")]
    [InlineData("""{"named":{"a":"canary"}}""", "named.a")]
    [InlineData("""{"pin":4711}""", "pin")]
    [InlineData("""{"headers":{"authorization":"Bearer canary"}}""", "headers.authorization")]
    [InlineData("""{"headers":{"X-Api-Key":"canary"}}""", "headers.X-Api-Key")]
    [InlineData("""{"headers":{"Acme-Token":"canary"}}""", "headers.Acme-Token")]
    [InlineData("""{"headers":{"Modal-Secret":"canary"}}""", "headers.Modal-Secret")]
    [InlineData("""{"headers":{"Cookie":"session=canary"}}""", "headers.Cookie")]
    [InlineData("""{"body":{"auth":[{"api_key":"canary"}]}}""", "body.auth.0.api_key")]
    [InlineData("""{"body":{"ClientSecret":"canary"}}""", "body.ClientSecret")]
    [InlineData("""{"url":"https://vendor.example/v1?api_key=canary"}""", "url")]
    [InlineData("""{"url":"https://vendor.example/v1?q=1&Access-Token=canary#x"}""", "url")]
    [InlineData("""{"url":"https://user:canary@vendor.example/v1"}""", "url")]
    [InlineData("""{"shape":{"$type":"round","password":"canary"}}""", "shape.password")]
    public void It_is_refused_at_every_depth_and_not_repeated(string settings, string place)
    {
        Assert.Null(Bindings.Bind(typeof(Options), JsonElement.Parse(settings), Context, out var problems));
        Assert.Contains($"'{place}'", Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"account":{"password":"secret:A"},"accounts":[{"password":null}],"keys":["secret:A"],"named":{"a":"secret:A"}}""")]
    [InlineData(
        """{"headers":{"Acme-Team":"leads","Idempotency-Key":"{{idempotency_key}}","Authorization":"secret:A","X-Key-Id":"4711","Token-Type":"Bearer"}}""")]
    [InlineData(
        """{"body":{"key":"industry","token":"{{column:Token}}","secret":"secret:A","api_key":"{{column:Key}}"},"url":"https://vendor.example/v1?key={{company.domain}}&api_key={{column:Key}}&page=1"}"""
    )]
    public void Names_placeholders_and_what_only_looks_like_a_secret_are_not(string settings)
    {
        Assert.NotNull(Bindings.Bind(typeof(Options), JsonElement.Parse(settings), Context, out var problems));
        Assert.Empty(problems);
    }

    public sealed class Options
    {
        public Account? Account { get; init; }

        public IReadOnlyList<Account> Accounts { get; init; } = [];

        public IReadOnlyDictionary<string, Account> ByCountry { get; init; } = new Dictionary<string, Account>();

        [Secret]
        public IReadOnlyList<string> Keys { get; init; } = [];

        [Secret]
        public IReadOnlyDictionary<string, string> Named { get; init; } = new Dictionary<string, string>();

        [Secret]
        public JsonElement? Pin { get; init; }

        [Secret(SecretPlace.Headers)]
        public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

        [Secret(SecretPlace.Json)]
        public JsonElement? Body { get; init; }

        [Secret(SecretPlace.Address)]
        public string? Url { get; init; }

        public Shape? Shape { get; init; }
    }

    public sealed class Account
    {
        [Secret]
        public string? Password { get; init; }
    }

    [System.Text.Json.Serialization.JsonDerivedType(typeof(Round), "round")]
    public class Shape;

    public sealed class Round : Shape
    {
        [Secret]
        public string? Password { get; init; }
    }
}
