using System.Text;
using Enrichment.Pipelines;
using Enrichment.Providers.Http.Tests.Declared;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Providers.Http.Tests.Vendors;

/// <summary>
/// Settings that could only fail at run time are refused at launch, for classes and for documents, whichever layer they come from.
/// </summary>
public sealed class PreflightTests
{
    private const string Reads =
        "Stage 1 'acme.company': request.url holds {{person.email}}, but step 'acme.company' does not declare that it reads 'person.email'. It reads company.domain, company.name, company.size. Correct the name, or add it to what the step reads.";
    private const string Produces =
        "Stage 1 'acme.company': answer.fields names 'company.size', but step 'acme.company' does not declare that it produces it. It produces company.employee_count, company.industry. Correct the name, or add it to what the step produces.";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fields_that_the_step_does_not_declare(bool document) =>
        Assert.Equal(
            [Reads, Produces],
            await ProblemsAsync(
                document,
                """{ "request": { "url": "https://acme.example/{{person.email}}" }, "answer": { "fields": { "company.size": "/size" } } }"""
            ));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_credential_that_no_layer_gives(bool document) => Assert.Equal(
        ["Stage 1 'acme.company': authentication.kind is Bearer, but there is no credential. Set it to \"secret:NAME\"."],
        await ProblemsAsync(document, """{ "request": { "url": "https://acme.example/" }, "authentication": { "kind": "Bearer" } }"""));

    [Theory]
    [InlineData("credential")]
    [InlineData("header")]
    public async Task A_secret_that_the_host_does_not_have(string where) => Assert.Contains(
        "ENRICHMENT_SECRET_NOBODYS",
        Assert.Single(await ProblemsAsync(document: true, where == "header"
            ? """{ "request": { "url": "https://acme.example/", "headers": { "X-Key": "secret:NOBODYS" } } }"""
            : """{ "request": { "url": "https://acme.example/" }, "authentication": { "kind": "Bearer" }, "credential": "secret:NOBODYS" }""")),
        StringComparison.Ordinal);

    [Fact]
    public async Task Secrets_that_could_not_be_sent_are_refused_by_their_names() => Assert.Equal(
        [
            "Stage 1 'acme.company': credential begins or ends with white space, such as the line end of a file. The value comes from secret:CANARY-END.",
            "Stage 1 'acme.company': request.headers gives 'X-Key' a value that is empty, or begins or ends with white space. Correct it, or leave the header out. The value comes from secret:EMPTY.",
            "Stage 1 'acme.company': request.headers gives 'X-Other' a value with a line end or another character that no header can carry: it has to be ASCII. The value comes from secret:CANARY-MIDDLE.",
        ],
        await ProblemsAsync(
            document: true,
            """{ "request": { "url": "https://acme.example/", "headers": { "X-Key": "secret:EMPTY", "X-Other": "secret:CANARY-MIDDLE" } }, "authentication": { "kind": "Bearer" }, "credential": "secret:CANARY-END" }""",
            asked => asked.Name switch { "EMPTY" => "", "CANARY-END" => "canary\n", "CANARY-MIDDLE" => "can\nary", _ => null }));

    [Fact]
    public async Task A_placeholder_that_this_kind_of_step_does_not_have() =>
        Assert.Equal(
            [
                "Stage 1 'acme.company': request.body holds {{callback_url}}, which a step of this kind does not have; it has {{idempotency_key}}.",
            ],
            await ProblemsAsync(
                document: true,
                """{ "request": { "url": "https://acme.example/{{idempotency_key}}", "body": ["{{callback_url}}", "{{column:Anything}}"] } }"""
            ));

    [Fact]
    public async Task Nothing_is_said_against_what_is_declared() =>
        Assert.Empty(
            await ProblemsAsync(
                document: true,
                """{ "request": { "url": "https://acme.example/{{company.domain}}", "body": "{{company.size?}}" }, "answer": { "fields": { "company.industry": "/i" } } }"""
            ));

    private static async Task<IReadOnlyList<string>> ProblemsAsync(
        bool document,
        string options,
        Func<SecretRequest, string?>? secrets = null)
    {
        const string Head =
            """{ "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain", "company.name", "company.size"], "produces": ["company.employee_count", "company.industry"] }""";
        var stage = $$"""{ "name": "leads", "stages": [ { "step": "acme.company", "options": {{options}} } ] }""";
        await using var engine = await TestEngine.StartAsync(e =>
        {
            e.UseSqlite(":memory:").AddPipeline(PipelineDefinition.Parse(stage));
            _ = secrets is null ? e : e.UseSecrets(secrets);
            _ = document
                ? e.AddSteps([HttpVendors.Parse(Encoding.UTF8.GetBytes(Head))])
                : e.AddSteps([StepDescriptor.Of<AcmeCompanyStep>()]);
        });
        var client = engine.Client("acme");
        var upload = await client.StageAsync("Company Name,Company Domain\nAcme,acme.com\n");
        try
        {
            await client.LaunchAsync(upload.Id, new() { Pipeline = "leads" });
            return [];
        }
        catch (PreflightException refused)
        {
            return refused.Problems;
        }
    }
}
