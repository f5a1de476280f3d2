using System.Text.Json;
using CsCheck;
using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

public class StepSettingsTests
{
    private static readonly Gen<string> AnyObject = Gen.Recursive<string>(
        (depth, inner) =>
        {
            var value = Gen.OneOf("null", "1", "\"x\"", "[1]");
            var values = depth > 2 ? value : Gen.OneOf(value, inner);
            return Gen.Select(Gen.OneOf("a", "b", "A"), values)
                .Array[0, 3]
                .Select(properties =>
                    "{"
                    + string.Join(
                        ",",
                        properties.DistinctBy(p => p.Item1, StringComparer.OrdinalIgnoreCase).Select(p => $"\"{p.Item1}\":{p.Item2}"))
                    + "}");
        });

    [Theory]
    [InlineData("""{"b":1,"a":2}""", """{"c":3}""", """{"a":2,"b":1,"c":3}""")]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":1,"b":2}""", """{"a":null}""", """{"b":2}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"y":3}}""", """{"a":{"x":1,"y":3}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[3]}""", """{"a":[3]}""")]
    [InlineData("""{"a":1}""", """{"a":{"y":3,"x":null}}""", """{"a":{"y":3}}""")]
    [InlineData("""{"webhookUrl":"x"}""", """{"WebhookURL":"y"}""", """{"webhookUrl":"y"}""")]
    [InlineData("""{}""", """{}""", """{}""")]
    public void A_stronger_layer_lies_over_a_weaker_one(string weaker, string stronger, string merged) =>
        Assert.Equal(merged, StepSettings.Merge(Element(weaker), null, Element(stronger))?.GetRawText());

    [Fact]
    public void Where_no_layer_says_anything_there_are_no_settings() => Assert.Null(StepSettings.Merge(null, null));

    [Fact]
    public void Merging_step_by_step_or_at_once_is_the_same_and_settles() => Gen.Select(AnyObject, AnyObject, AnyObject).Sample((a, b, c) =>
    {
        var atOnce = StepSettings.Merge(Element(a), Element(b), Element(c))?.GetRawText();
        var stepwise = StepSettings.Merge(StepSettings.Merge(Element(a), Element(b)), Element(c))?.GetRawText();
        var settled = StepSettings.Merge(Element(atOnce!), Element(c))?.GetRawText();
        return atOnce == stepwise && string.Equals(settled, atOnce, StringComparison.OrdinalIgnoreCase);
    });

    [Fact]
    public void Settings_may_not_stand_deeper_than_a_snapshot_can_be_read()
    {
        var deep = new string('[', 40) + new string(']', 40);
        var error = Assert.Throws<EnrichmentException>(() => StepSettings.Read(DefinitionNode.Parse($$"""{"a":{{deep}}}""", "file")));
        Assert.EndsWith(": settings are nested more than 32 deep.", error.Message, StringComparison.Ordinal);
    }

    private static JsonElement Element(string json) => JsonDocument.Parse(json).RootElement;
}
