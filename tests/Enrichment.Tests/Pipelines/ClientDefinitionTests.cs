using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

public class ClientDefinitionTests
{
    [Fact]
    public void A_client_in_a_file_is_the_same_as_in_code()
    {
        var file = ClientDefinition.Parse("""
            {"slug": "acme", "pipelines": {"apollo_scrape": "leads-deep"}, "steps": {"clay.company": {"apiKey": "secret:ACME_CLAY"}}}
            """);
        var code = ClientDefinition.Create(
            "acme",
            c => c.Pipeline("apollo_scrape", "leads-deep").Step("clay.company", new { apiKey = "secret:ACME_CLAY" }));
        Assert.Equal("acme", file.Slug);
        Assert.Equal(code.Pipelines, file.Pipelines);
        Assert.Equal(code.Settings.Keys, file.Settings.Keys);
        Assert.Equal("secret:ACME_CLAY", file.Settings["clay.company"].GetProperty("apiKey").GetString());
    }

    [Theory]
    [InlineData("""{}""", "acme.json, $: 'slug' is missing.")]
    [InlineData(
        """{"slug":"Acme Inc"}""",
        "acme.json, $.slug: 'Acme Inc' is not the slug of a client: expected lower-case words joined by dots, hyphens or underscores, such as apollo_scrape, at most 100 characters.")]
    [InlineData(
        """{"slug":"acme","pipeline":{}}""",
        "acme.json, $.pipeline: a client has no property 'pipeline'. Did you mean 'pipelines'? Known: slug, pipelines, steps.")]
    [InlineData(
        """{"slug":"acme","pipelines":{"crm_data":1}}""",
        "acme.json, $.pipelines.crm_data: expected the name of a pipeline, found 1.")]
    [InlineData(
        """{"slug":"acme","steps":{"clay company":{}}}""",
        "acme.json, $.steps['clay company']: 'clay company' is not the slug of a step: expected lower-case words joined by dots or hyphens, such as company.domain, at most 100 characters.")]
    [InlineData(
        """{"slug":"acme","steps":{"clay.company":{"a":{"b":1,"B":2}}}}""",
        "acme.json, $.steps['clay.company'].a.B: occurs twice in the same object, case not regarded. Remove one of them.")]
    public void A_document_that_is_no_client_is_refused_with_its_place(string json, string message) =>
        Assert.Equal(message, Assert.Throws<EnrichmentException>(() => ClientDefinition.Parse(json, "acme.json")).Message);

    [Fact]
    public void A_client_says_a_thing_once()
    {
        var error = Assert.Throws<EnrichmentException>(() =>
            ClientDefinition.Create("acme", c => c.Pipeline("crm_data", "a").Pipeline("crm_data", "b")));
        Assert.Equal("Client 'acme': Workstream 'crm_data' has two pipelines: 'a' and 'b'. Keep one.", error.Message);
        error = Assert.Throws<EnrichmentException>(() => ClientDefinition.Create("acme", c => c.Step("a", new { }).Step("a", new { })));
        Assert.Equal("Client 'acme': Step 'a' has settings twice. Put them into one.", error.Message);
    }
}
