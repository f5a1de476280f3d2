using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

public class PipelineDefinitionTests
{
    [Fact]
    public void A_pipeline_in_a_file_is_the_same_as_in_code()
    {
        var file = PipelineDefinition.Parse("""
            {
              // Comments may stand here.
              "name": "leads",
              "version": "1.2.0",
              "stages": [
                "company.domain",
                {
                  "step": "person.email", "version": "[1.0,2.0)", "when": {"field": "person.email", "exists": true}, "optional": true,
                  "options": {"webhookUrl": "https://example.com", "apiKey": "secret:CLAY_KEY"},
                  "retry": {"tries": 6, "baseDelay": "00:00:02", "maxDelay": "00:10:00"}, "timeout": "00:00:30",
                },
                "company.domain",
              ],
            }
            """);
        var code = PipelineDefinition.Create("leads", p => p
            .Version("1.2.0")
            .Step("company.domain")
            .Step("person.email", s => s
                .Version("[1.0,2.0)")
                .When(Condition.Exists("person.email"))
                .Optional()
                .Options(new { webhookUrl = "https://example.com", apiKey = "secret:CLAY_KEY" })
                .Retry(6, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10))
                .Timeout(TimeSpan.FromSeconds(30)))
            .Step("company.domain"));
        Assert.Equal((code.Name, code.Version), (file.Name, file.Version));
        Assert.Equal(code.Stages.Select(Comparable), file.Stages.Select(Comparable));
    }

    [Fact]
    public void A_pipeline_without_a_version_is_the_first() =>
        Assert.Equal("1.0.0", PipelineDefinition.Parse("""{"name":"leads","stages":["a"]}""").Version);

    [Theory]
    [InlineData("""{"name":"leads"}""", "leads.json, $: 'stages' is missing.")]
    [InlineData("""["company.domain"]""", "leads.json, $: expected a pipeline, an object with name, version, stages, found a list.")]
    [InlineData("""{"stages":["a"]}""", "leads.json, $: 'name' is missing.")]
    [InlineData(
        """{"name":"My Leads","stages":["a"]}""",
        "leads.json, $.name: 'My Leads' is not the name of a pipeline: expected lower-case words joined by dots, hyphens or underscores, such as apollo_scrape, at most 100 characters.")]
    [InlineData(
        """{"name":"leads","version":"1","stages":["a"]}""",
        "leads.json, $.version: '1' is not a semantic version such as 1.0.0.")]
    [InlineData(
        """{"name":"leads","stages":[]}""",
        "leads.json, $.stages: Pipeline 'leads' has no stages. Add at least one, such as \"company.domain\".")]
    [InlineData(
        """{"name":"leads","stages":"a"}""",
        "leads.json, $.stages: expected a list of stages, each the slug of a step or an object with step, found \"a\".")]
    [InlineData(
        """{"name":"leads","stages":["a",7]}""",
        "leads.json, $.stages[1]: expected a stage, an object with step, version, when, optional, options, retry, timeout, found 7.")]
    [InlineData(
        """{"name":"leads","stages":["Company Domain"]}""",
        "leads.json, $.stages[0]: 'Company Domain' is not the slug of a step: expected lower-case words joined by dots or hyphens, such as company.domain, at most 100 characters.")]
    [InlineData("""{"name":"leads","stages":[{"when":{}}]}""", "leads.json, $.stages[0]: 'step' is missing.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a_b"}]}""",
        "leads.json, $.stages[0].step: 'a_b' is not the slug of a step: expected lower-case words joined by dots or hyphens, such as company.domain, at most 100 characters.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","wen":{}}]}""",
        "leads.json, $.stages[0].wen: a stage has no property 'wen'. Did you mean 'when'? Known: step, version, when, optional, options, retry, timeout.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","version":"1.*"}]}""",
        "leads.json, $.stages[0].version: '1.*' is not a range of versions: expected such as [1.0,2.0), [1.2.3], or 1.2 for that or later. Leave it out for any.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","when":{"field":"b","exists":"no"}}]}""",
        "leads.json, $.stages[0].when.exists: expected true or false, found \"no\".")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","optional":"yes"}]}""",
        "leads.json, $.stages[0].optional: expected true or false, found \"yes\".")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","options":["b"]}]}""",
        "leads.json, $.stages[0].options: expected an object of settings, found a list.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","options":{"key":1,"KEY":2}}]}""",
        "leads.json, $.stages[0].options.KEY: occurs twice in the same object, case not regarded. Remove one of them.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","options":{"list":[{"text":"\u0000"}]}}]}""",
        "leads.json, $.stages[0].options.list[0].text: the text holds the character NUL, which cannot be stored. Remove it.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","retry":{"tries":0}}]}""",
        "leads.json, $.stages[0].retry: 0 tries are not possible: expected 1 to 100.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","retry":{"tries":1.5}}]}""",
        "leads.json, $.stages[0].retry.tries: expected a number of tries from 1 to 100, found 1.5.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","retry":{"baseDelay":5}}]}""",
        "leads.json, $.stages[0].retry.baseDelay: expected a delay, written as hours:minutes:seconds such as \"00:00:30\", found 5.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","retry":{"baseDelay":"00:00:10","maxDelay":"00:00:01"}}]}""",
        "leads.json, $.stages[0].retry: A maximal delay of 00:00:01 is not possible: expected the base delay to 1.00:00:00.")]
    [InlineData(
        """{"name":"leads","stages":[{"step":"a","timeout":"01:00:01"}]}""",
        "leads.json, $.stages[0].timeout: A time-out of 01:00:01 is not possible: expected more than zero and at most 01:00:00.")]
    [InlineData(
        """{"name":"leads","name":"leads","stages":["a"]}""",
        "leads.json, $.name: occurs twice in the same object. Remove one of them.")]
    [InlineData("{\n  \"name\": leads\n}", "leads.json, line 2, column 11: not JSON. 'l' is an invalid start of a value.")]
    [InlineData(
        "",
        "leads.json, line 1, column 1: not JSON. The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.")]
    public void A_document_that_is_no_pipeline_is_refused_with_its_place(string json, string message) =>
        Assert.Equal(message, Assert.Throws<EnrichmentException>(() => PipelineDefinition.Parse(json, "leads.json")).Message);

    [Fact]
    public void A_mistake_in_code_names_the_pipeline()
    {
        var error = Assert.Throws<EnrichmentException>(() =>
            PipelineDefinition.Create("leads", p => p.Step("a", s => s.Timeout(TimeSpan.Zero))));
        Assert.Equal(
            "Pipeline 'leads': A time-out of 00:00:00 is not possible: expected more than zero and at most 01:00:00.",
            error.Message);
        error = Assert.Throws<EnrichmentException>(() => PipelineDefinition.Create("leads", _ => { }));
        Assert.Equal("Pipeline 'leads' has no stages. Add at least one, such as \"company.domain\".", error.Message);
        error = Assert.Throws<EnrichmentException>(() => PipelineDefinition.Create("leads", p => p.Step("a", s => s.Options("text"))));
        Assert.Equal("Pipeline 'leads': options, $: expected an object of settings, found \"text\".", error.Message);
    }

    [Fact]
    public void A_pipeline_has_at_most_1000_stages()
    {
        Assert.Equal(1000, Repeat(1000).Stages.Count);
        Assert.Equal(
            "Pipeline 'leads': Pipeline 'leads' has more than 1000 stages. Divide it.",
            Assert.Throws<EnrichmentException>(() => Repeat(1001)).Message);
    }

    [Fact]
    public void A_file_is_read_with_or_without_a_byte_order_mark_and_errors_name_it()
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "leads.json");
        File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, .. """{"name":"leads","stages":["a"]}"""u8]);
        Assert.Equal("leads", PipelineDefinition.Load(path).Name);

        File.WriteAllBytes(path, [.. "{\"name\":\""u8, 0xFC, .. "\"}"u8]);
        Assert.Equal(
            "leads.json: not UTF-8 text. Save the file as UTF-8.",
            Assert.Throws<EnrichmentException>(() => PipelineDefinition.Load(path)).Message);

        var missing = Path.Combine(folder.Path, "no.json");
        Assert.StartsWith(
            $"'{missing}' cannot be read: ",
            Assert.Throws<EnrichmentException>(() => PipelineDefinition.Load(missing)).Message,
            StringComparison.Ordinal);
    }

    private static PipelineDefinition Repeat(int stages) => PipelineDefinition.Create("leads", p =>
    {
        for (var i = 0; i < stages; i++)
        {
            p.Step("a");
        }
    });

    private static object Comparable(StageDefinition stage) =>
        (
            stage.Step,
            stage.Version,
            stage.When,
            stage.Optional,
            stage.Retry,
            stage.Timeout,
            stage.Options?.ToString().Replace(" ", "", StringComparison.Ordinal));
}
