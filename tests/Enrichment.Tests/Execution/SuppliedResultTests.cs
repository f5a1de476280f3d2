using System.Text;
using System.Text.Json;
using Enrichment.Json;
using Enrichment.Outcomes;

namespace Enrichment.Tests.Execution;

public sealed class SuppliedResultTests
{
    [Theory]
    [InlineData("a=/data/size", """{"a":1}""", """{"data":{"size":1}}""")]
    [InlineData("a=/data/0/x|b=/data/1/x|c", """{"b":[2],"a":1,"c":null}""", """{"data":[{"x":1},{"x":[2]}],"c":null}""")]
    [InlineData("a=/data|b=/data/x", """{"a":1,"b":2}""", null)]
    [InlineData("a=/data/101", """{"a":1}""", null)]
    public void Fields_go_where_the_manifest_says_that_they_stand(string produces, string fields, string? result)
    {
        var step = new StepManifest { Slug = "a.b", Version = "1.0.0", Produces = [.. produces.Split('|').Select(ProducedField.Parse)] };

        if (result is null)
        {
            Assert.Throws<EnrichmentException>(() => SuppliedResult.Of(step, JsonElement.Parse(fields), JsonGate.Default));
        }
        else
        {
            Assert.Equal(result, Encoding.UTF8.GetString(SuppliedResult.Of(step, JsonElement.Parse(fields), JsonGate.Default).Span));
        }
    }
}
