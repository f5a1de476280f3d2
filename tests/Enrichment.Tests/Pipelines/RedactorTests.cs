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
            Secret, Uri.EscapeDataString(Secret), System.Text.Json.JsonEncodedText.Encode(Secret).ToString(), Base64($"u:{Secret}"), Base64($"us:{Secret}!"), Base64($"use:{Secret}!!"),
        };
        var told = new Redactor([new("KEY", Secret)]).Redact(string.Format(System.Globalization.CultureInfo.InvariantCulture, text, forms));
        Assert.Contains("secret:KEY", told, StringComparison.Ordinal);
        Assert.DoesNotContain("p4ss", told, StringComparison.Ordinal);
        Assert.DoesNotContain(Base64(Secret)[4..12], told, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longer_of_two_secrets_goes_first() => Assert.Equal("secret:LONG secret:SHORT", new Redactor([new("SHORT", "abc"), new("LONG", "abcdef")]).Redact("abcdef abc"));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
