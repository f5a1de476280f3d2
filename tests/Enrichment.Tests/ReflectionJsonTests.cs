using Enrichment.Hosting;

namespace Enrichment.Tests;

public sealed class ReflectionJsonTests
{
    [Fact]
    public void A_process_without_reflection_in_JSON_is_refused_in_a_sentence()
    {
        ReflectionJson.Require();
        Assert.Contains(
            "JsonSerializerIsReflectionEnabledByDefault",
            Assert.Throws<EnrichmentException>(() => ReflectionJson.Require(enabled: false)).Message,
            StringComparison.Ordinal);
    }
}
