using System.Text.Json;
using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

public class EntityPolicyTests
{
    // As layers are merged, and limits are found.
    [Theory]
    [InlineData("$entity")]
    [InlineData("$Entity")]
    public void A_policy_is_found_among_the_settings_and_taken_out_of_them_whatever_its_case(string name)
    {
        var layers = JsonElement.Parse($$"""{ "place": "here", "{{name}}": { "fresh": "2.00:00:00", "scope": "shared" } }""");
        var step = new StepManifest
        {
            Slug = "test.company",
            Version = "1.0.0",
            Entity = new("company", ["company.website"]) { MayBeShared = true },
        };

        var policy = EntityPolicy.Of(step, layers, client: layers, refresh: false, out var settings, out var problems);

        Assert.Empty(problems);
        Assert.Equal((TimeSpan.FromDays(2), EntityScope.Shared), (policy!.Fresh, policy.Scope));
        Assert.Equal("""{"place":"here"}""", settings!.Value.GetRawText());
    }
}
