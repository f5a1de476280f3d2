using System.Text;
using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

public sealed class RedactorTests
{
    private const string Secret = "p4ss/wörd+\"of\" the vendor";

    [Theory]
    [InlineData("cannot use {0}")]
    [InlineData("GET https://vendor.example/?key={1}")]
    [InlineData("body was {{\"key\":\"{2}\"}}")]
    [InlineData("Authorization: Basic {3}")]
    [InlineData("Authorization: Basic {4}")]
    [InlineData("Authorization: Basic {5}")]
    public void No_form_in_which_a_call_carries_a_secret_is_left(string text)
    {
        var forms = new[]
        {
            Secret,
            Uri.EscapeDataString(Secret),
            System.Text.Json.JsonEncodedText.Encode(Secret).ToString(),
            Base64($"u:{Secret}"),
            Base64($"us:{Secret}!"),
            Base64($"use:{Secret}!!"),
        };
        var told = new Redactor([new("KEY", Secret)]).Redact(string.Format(System.Globalization.CultureInfo.InvariantCulture, text, forms));
        Assert.Contains("secret:KEY", told, StringComparison.Ordinal);
        Assert.DoesNotContain("p4ss", told, StringComparison.Ordinal);
        Assert.DoesNotContain(Base64(Secret)[4..12], told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"echo":"p4ss/wörd+\u0022of\u0022 the vendor"}""", """{"echo":"p4ss/wörd+\u0022of\u0022 the vendor"}""")]
    [InlineData(
        """{"url":"https://v.example/?k=p4ssword-of-acme&k=p4ssword-of-acme"}""",
        """{"url":"https://v.example/?k=secret:PLAIN&k=secret:PLAIN"}"""
    )]
    [InlineData("""{"pin":123456789012}""", """{"pin":123456789012}""")]
    [InlineData("""{"name":"secret:SELF-NAMED"}""", """{"name":"secret:secret:SELF-NAMED"}""")]
    public void A_result_that_repeats_a_secret_holds_its_name_and_stays_JSON(string result, string expected)
    {
        var redactor = new Redactor([new("PLAIN", "p4ssword-of-acme"), new("PIN", "123456789012"), new("SELF-NAMED", "SELF-NAMED")]);
        var told = Encoding.UTF8.GetString(redactor.Redact(Encoding.UTF8.GetBytes(result)).Span);
        Assert.Equal(expected, told);
        Assert.Equal(System.Text.Json.JsonValueKind.Object, System.Text.Json.JsonElement.Parse(told).ValueKind);
    }

    [Fact]
    public void The_longer_of_two_secrets_goes_first() =>
        Assert.Equal("secret:LONG secret:SHORT", new Redactor([new("SHORT", "abc"), new("LONG", "abcdef")]).Redact("abcdef abc"));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
