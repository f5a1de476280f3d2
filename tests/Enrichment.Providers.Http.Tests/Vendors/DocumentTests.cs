using System.Text;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Providers.Http.Tests.Vendors;

/// <summary>A document is read strictly: each mistake is told with file, place and how to mend it, and all of them at once.</summary>
public sealed class DocumentTests
{
    private const string Sound = """
        {
          // Comments and a comma too many are a hand-written file's right.
          "step": "acme.company", "version": "1.2.0", "kind": "call",
          "reads": ["company.domain"], "produces": ["company.size=/data/size"],
          "safeToRepeat": true, "maxTries": 7, "timeoutSeconds": 20,
          "options": { "request": { "url": "https://acme.example/{{company.domain}}" }, "authentication": { "kind": "bearer" }, },
        }
        """;

    [Fact]
    public void The_manifest_is_what_the_document_declares()
    {
        var step = Parse(Sound);

        var manifest = step.Manifest;
        Assert.Equal(
            ("acme.company", "1.2.0", Effects.SafeToRepeat, 7, TimeSpan.FromSeconds(20)),
            (manifest.Slug, manifest.Version, manifest.Effects, manifest.MaxTries, manifest.Timeout));
        Assert.Equal("company.domain", Assert.Single(manifest.Reads));
        Assert.Equal(new ProducedField("company.size", "/data/size"), Assert.Single(manifest.Produces));
        Assert.Equal((false, null, null), (manifest.ReceivesCallbacks, manifest.PollInterval, manifest.BulkSize));
        Assert.Equal(("acme.json", null), (step.Source, step.Type));
    }

    [Fact]
    public void The_vendors_limits_are_a_setting_that_other_layers_may_change()
    {
        var step = Parse(
            """{ "step": "a.b", "version": "1.0.0", "kind": "bulk", "limits": { "rate": 5 }, "options": { "credential": "secret:KEY" } }""");

        Assert.Equal("""{"credential":"secret:KEY","limits":{"rate":5}}""", step.Manifest.Settings!.Value.GetRawText());
        Assert.Equal(
            """{"limits":{}}""",
            Parse("""{ "step": "a.b", "version": "1.0.0", "kind": "bulk", "limits": {} }""").Manifest.Settings!.Value.GetRawText());
    }

    [Fact]
    public void A_document_declares_its_entity_in_the_words_of_the_attribute()
    {
        const string Head =
            """{ "step": "a.b", "version": "1.0.0", "kind": "call", "reads": ["company.domain", "company.website"], "entity": """;

        var least = Parse(Head + """{ "kind": "company", "keys": ["company.domain"] } }""").Manifest.Entity!;
        var most = Parse(
            Head
                + """{ "kind": "site", "keys": ["company.website", "company.domain"], "freshDays": 0.5, "freshNotFoundDays": 0, "callsWithoutKey": true, "mayBeShared": true } }""").Manifest.Entity!;

        Assert.Equal(new StepEntity("company", least.Keys), least);
        Assert.Equal(StepManifest.Of(typeof(AboutCompanies)).Entity! with { Keys = least.Keys }, least);
        Assert.Equal(["company.domain"], least.Keys);
        Assert.Equal(
            new StepEntity("site", most.Keys)
            {
                Fresh = TimeSpan.FromHours(12),
                FreshNotFound = TimeSpan.Zero,
                CallsWithoutKey = true,
                MayBeShared = true,
            },
            most);
        Assert.Equal(["company.website", "company.domain"], most.Keys);
    }

    [Fact]
    public void The_words_of_the_reference_are_read_by_vendors_and_by_steps_of_workers()
    {
        var page = File.ReadAllLines(Path.Combine(TestPaths.RepositoryRoot, "docs", "reference", "entities.md"));
        var said =
            $$"""{ "step": "a.b", "version": "1.0.0", "reads": ["company.website"], {{page.Single(line => line.StartsWith("\"entity\":", StringComparison.Ordinal))}} """;

        foreach (var entity in new[] { Parse(said + """, "kind": "call" }""").Manifest.Entity!, DeclaredSteps.Parse(said + "}").Entity! })
        {
            Assert.Equal(new StepEntity("company", entity.Keys) { MayBeShared = true }, entity);
            Assert.Equal(["company.website"], entity.Keys);
        }
    }

    [Fact]
    public void Each_kind_is_what_its_class_would_be()
    {
        var steps = new[] { "callback", "poll", "bulk" }
            .Select(kind => Parse($$"""{ "step": "a.b", "version": "1.0.0", "kind": "{{kind}}" }"""))
            .ToList();
        var services = new ServiceCollection().BuildServiceProvider();

        Assert.Equal(
            [(true, null, null), (false, TimeSpan.FromSeconds(30), null), (false, (TimeSpan?)null, (int?)100)],
            steps.Select(step => (step.Manifest.ReceivesCallbacks, step.Manifest.PollInterval, step.Manifest.BulkSize)));
        Assert.Equal(
            [typeof(ICallbackReceiver), typeof(IPollingStep), typeof(IBulkStep)],
            steps.Select(step => step.Factory!(services).GetType().GetInterfaces().Single(type => type != typeof(IEnrichmentStep))));
        Assert.Equal(
            [typeof(HttpCallbackOptions), typeof(HttpPollOptions), typeof(HttpBulkOptions)],
            steps.Select(step => step.OptionsType));
    }

    [Fact]
    public void A_vendor_that_delivers_everything_to_one_address_says_where_the_token_stands()
    {
        var step = Parse("""{ "step": "a.b", "version": "1.0.0", "kind": "callback", "tokenPointer": "/meta/token" }""");
        var receiver = (ICallbackReceiver)step.Factory!(new ServiceCollection().BuildServiceProvider());

        Assert.Equal(
            "t1",
            receiver.TokenOf(new(new Dictionary<string, string>(), """{"meta":{"token":"t1"}}"""u8.ToArray(), DateTimeOffset.UnixEpoch)));
    }

    [Theory]
    [InlineData("[]", "acme.json: expected a vendor's step, an object with step, version, kind, reads, produces and options.")]
    [InlineData(
        "{ \"step\": \"a.b\",",
        "acme.json, line 1, column 16: not JSON in UTF-8. Expected start of a property name or value, but instead reached end of data.")]
    [InlineData("""{ "step": "a.b", "version": "1.0.0" }""", "acme.json: 'kind' is missing. Known: call, callback, poll, bulk.")]
    [InlineData(
        """{ "step": "a.b", "version": "1.0.0", "kind": "webhook" }""",
        "acme.json, $.kind: there is no kind 'webhook'. Known: call, callback, poll, bulk.")]
    [InlineData("""{ "kind": "call" }""", "acme.json: 'step' is missing.", "acme.json: 'version' is missing.")]
    [InlineData("""{ "step": "a.b", "version": 1, "kind": "call" }""", "acme.json, $.version: expected a text, found 1.")]
    [InlineData(
        """{ "step": "a.b", "version": "1.0.0", "kind": "call", "step": "a.c" }""",
        "acme.json, $.step: occurs twice in the same object. Remove one of them.")]
    [InlineData(
        """{ "step": "a.b", "version": "1.0.0", "kind": "call", "bulkSize": 10 }""",
        "acme.json, $.bulkSize: a vendor of kind 'call' has no such property. Known: step, version, kind, reads, produces, safeToRepeat, maxTries, timeoutSeconds, entity, limits, options.")]
    [InlineData(
        """{ "step": "a.b", "version": "1.0.0", "kind": "call", "reads": ["x", 1], "produces": ["y=z"], "maxTries": 1.5, "timeoutSeconds": 0, "safeToRepeat": "yes" }""",
        "acme.json, $.reads[1]: expected a field's name, found 1.",
        "acme.json, $.produces[0]: 'y=z' is not a produced field: the path 'z' must begin with '/', as in 'company.domain=/data/domain'.",
        "acme.json, $.safeToRepeat: expected true or false, found \"yes\".",
        "acme.json, $.timeoutSeconds: expected a number of seconds above 0, found 0.",
        "acme.json, $.maxTries: expected a whole number, found 1.5.")]
    [InlineData(
        """{ "step": "a.b", "version": "1.0.0", "kind": "callback", "tokenPointer": "token" }""",
        "acme.json, $.tokenPointer: tokenPointer holds 'token', which is not a JSON pointer: it must begin with '/', as in '/data/domain'.")]
    [InlineData(
        """{ "step": "a.b", "version": "1.0.0", "kind": "call", "reads": ["\ud800"] }""",
        "acme.json, $.reads[0]: the text holds half of a surrogate pair, which is not a character. Correct its \\u escapes.")]
    [InlineData(
        """{ "step": "a.b", "version": "1.0.0", "kind": "call", "a\u0000": 1 }""",
        "acme.json: the name of a property holds the character NUL, which cannot be stored. Remove it.")]
    public void A_head_that_is_not_sound(string document, params string[] problems) => Assert.Equal(problems, Problems(document));

    [Theory]
    [InlineData(
        "\"company\"",
        "acme.json, $.entity: expected an object such as {\"kind\": \"company\", \"keys\": [\"company.domain\"]}, found \"company\".")]
    [InlineData(
        "{}",
        "acme.json, $.entity: 'kind' is missing: company, person, email, or a word of your own, whose keys are compared as text.",
        "acme.json, $.entity: 'keys' is missing: the fields among those of reads that may hold the key, such as [\"company.domain\"].")]
    [InlineData(
        """{ "kind": "company", "keys": [] }""",
        "acme.json, $.entity: 'keys' is missing: the fields among those of reads that may hold the key, such as [\"company.domain\"].")]
    [InlineData(
        """{ "kind": "company", "keys": ["company.domain", "company.website", null] }""",
        "acme.json, $.entity.keys[1]: 'company.website' is not among the fields that the step reads: company.domain. Correct the name, or add it to reads.",
        "acme.json, $.entity.keys[2]: null is not among the fields that the step reads: company.domain. Correct the name, or add it to reads.")]
    [InlineData(
        """{ "kind": "company", "keys": "company.domain" }""",
        "acme.json, $.entity.keys: expected a list, found \"company.domain\".")]
    [InlineData(
        """{ "kind": "company", "keys": ["company.domain"], "fresh": "30.00:00:00" }""",
        "acme.json, $.entity.fresh: there is no such setting. Known: kind, keys, companyKeys, freshDays, freshNotFoundDays, callsWithoutKey, mayBeShared.")]
    [InlineData(
        """{ "kind": "company", "keys": ["company.domain"], "freshDays": "30", "mayBeShared": "yes" }""",
        "acme.json, $.entity.freshDays: expected a number, found \"30\".",
        "acme.json, $.entity.mayBeShared: expected true or false, found \"yes\".")]
    [InlineData("""{ "kind": "company", "keys": ["company.domain"], "companyKeys": ["company.website"] }""",
        "acme.json, $.entity.companyKeys: only the kind person has the key of a company, not company. Remove it.",
        "acme.json, $.entity.companyKeys[0]: 'company.website' is not among the fields that the step reads: company.domain. Correct the name, or add it to reads.")]
    [InlineData("""{ "kind": "company", "keys": ["company.domain"], "freshDays": 367, "freshNotFoundDays": -1 }""",
        "acme.json, $.entity.freshDays: expected 0 to 366 days, found 367.",
        "acme.json, $.entity.freshNotFoundDays: expected 0 to 366 days, found -1.")]
    public void An_entity_that_is_not_sound(string entity, params string[] problems) =>
        Assert.Equal(
            problems,
            Problems(
                $$"""{ "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "entity": {{entity}} }"""));

    [Fact]
    public void A_call_for_an_entity_is_told_no_column() => Assert.Equal(
        [
            "acme.json, $.options.request.body: request.body holds {{column:Company Name}}, but step 'acme.company' has an entity: its call serves many items, and gets only the fields that the step reads, no column. Map the column to a field, and read that.",
        ],
        Problems("""
            {
              "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "entity": { "kind": "company", "keys": ["company.domain"] },
              "options": { "request": { "url": "https://acme.example/", "body": "{{column:Company Name}}" } }
            }
            """));

    [Theory]
    [InlineData("[]", "acme.json, $.options: expected an object of settings.")]
    [InlineData(
        """{ "poll": {} }""",
        "acme.json, $.options.poll: there is no such setting. Known: request, authentication, credential, answer, errors.")]
    [InlineData("""{ "answer": { "fields": { "a/b": 1 } } }""", "acme.json, $.options.answer.fields['a/b']: expected a text, found 1.")]
    [InlineData(
        """{ "errors": { "retry": [500, "503"] } }""",
        "acme.json, $.options.errors.retry[1]: expected a whole number, found \"503\".")]
    [InlineData(
        """{ "authentication": { "kind": "Digest" } }""",
        "acme.json, $.options.authentication.kind: expected one of None, Bearer, Basic, Header, Query, found \"Digest\".")]
    [InlineData(
        """{ "request": "https://acme.example/" }""",
        "acme.json, $.options.request: expected an object, found \"https://acme.example/\"."
    )]
    [InlineData(
        """{ "request": { "URL": "https://acme.example/", "url": "https://acme.example/" } }""",
        "acme.json, $.options.request.url: occurs twice in the same object, case not regarded. Remove one of them.")]
    [InlineData(
        """{ "credential": "p4ssw0rd" }""",
        "acme.json, $.options.credential: is a secret, and no document may hold its value. Write \"secret:NAME\" and give the host the value under that name.")]
    [InlineData(
        """{ "request": { "url": "acme.example", "method": "get" } }""",
        "acme.json, $.options.request.method: request.method is 'get': expected such as GET or POST, in capitals.",
        "acme.json, $.options.request.url: request.url does not begin with a scheme and a host, such as https://api.example.com/. Placeholders may stand in the path and the query only."
    )]
    [InlineData(
        """{ "request": { "url": "https://acme.example/", "headers": { "Host": "acme.example", "X-Note": "a\r\nX-Admin: 1" } } }""",
        "acme.json, $.options.request.headers: request.headers holds 'Host', which cannot be set: what is true of the connection and of the body's length and coding is said without it. Leave it out.",
        "acme.json, $.options.request.headers: request.headers gives 'X-Note' a value with a line end or another character that no header can carry: it has to be ASCII.")]
    [InlineData(
        """{ "request": { "url": "https://acme.example/", "body": "{{company.domian}}" }, "answer": { "fields": { "company.seize": "/s" } } }""",
        "acme.json, $.options.request.body: request.body holds {{company.domian}}, but step 'acme.company' does not declare that it reads 'company.domian'. It reads company.domain. Correct the name, or add it to what the step reads.",
        "acme.json, $.options.answer.fields: answer.fields names 'company.seize', but step 'acme.company' does not declare that it produces it. It produces company.size. Correct the name, or add it to what the step produces.")]
    public void Settings_that_are_not_sound(string options, params string[] problems) =>
        Assert.Equal(
            problems,
            Problems(
                $$"""{ "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "produces": ["company.size"], "options": {{options}} }"""));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "authentication": { "kind": "Bearer" }, "answer": { "found": null } }""")]
    [InlineData("""{ "request": { "url": "https://acme.example/" }, "credential": "secret:ACME" }""")]
    public void A_missing_setting_may_come_from_a_stronger_layer(string options) =>
        Assert.NotNull(Parse($$"""{ "step": "acme.company", "version": "1.0.0", "kind": "call", "options": {{options}} }"""));

    [Fact]
    public void A_folder_is_read_whole_and_its_problems_are_told_together()
    {
        var folder = Directory.CreateTempSubdirectory("vendors-").FullName;
        try
        {
            Assert.Contains(
                "has no vendor in it",
                Assert.Throws<FileNotFoundException>(() => HttpVendors.Load(folder)).Message,
                StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder, "b.json"), Sound.Replace("acme.company", "acme.b", StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(folder, "a.json"), Sound);
            File.WriteAllText(Path.Combine(folder, "notes.txt"), "not one");
            Assert.Equal(["acme.company", "acme.b"], HttpVendors.Load(folder).Select(step => step.Manifest.Slug));

            File.WriteAllText(Path.Combine(folder, "a.json"), "{}");
            File.WriteAllText(Path.Combine(folder, "c.json"), "[]");
            var error = Assert.Throws<FormatException>(() => HttpVendors.Load(folder));
            Assert.Equal(3, error.Message.Split(Environment.NewLine).Length);
            Assert.Contains($"{Path.Combine(folder, "a.json")}: 'kind' is missing.", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Nothing_there_is_told() =>
        Assert.Contains(
            "There is no file or folder 'nowhere'",
            Assert.Throws<FileNotFoundException>(() => HttpVendors.Load("nowhere")).Message,
            StringComparison.Ordinal);

    private static StepDescriptor Parse(string document) => HttpVendors.Parse(Encoding.UTF8.GetBytes(document), "acme.json");

    [EnrichmentStep("a.b", "1.0.0", Reads = ["company.domain"])]
    [Entity("company", "company.domain")]
    private sealed class AboutCompanies;

    private static IEnumerable<string> Problems(string document) =>
        Assert.Throws<FormatException>(() => Parse(document)).Message.Split(Environment.NewLine).Skip(1);
}
