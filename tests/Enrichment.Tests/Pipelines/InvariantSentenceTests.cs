using System.Globalization;
using System.Text.Json;
using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

/// <summary>Sentences are English: numbers stand in them as everywhere, whatever the culture of the process.</summary>
public sealed class InvariantSentenceTests
{
    [Theory]
    [InlineData("th-TH")]
    [InlineData("fa-IR")]
    [InlineData("ar-SA")]
    [InlineData("de-DE")]
    public void Numbers_are_not_those_of_a_culture(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            JsonElement? settings = JsonElement.Parse("""{"limits":{"rate":1234567.5}}""");
            CallLimits.Take(ref settings, new() { Slug = "acme.call", Version = "1.0.0" }, [], out var problems);
            Assert.StartsWith("rate is 1234567.5 in 00:00:01:", Assert.Single(problems), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
