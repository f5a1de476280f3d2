using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Tests.Providers;

namespace Enrichment.Tests.Pipelines;

/// <summary>What a client's definition and a launch may say to a step: neither reaches secrets or addresses that are not theirs.</summary>
public sealed class LayerRightsTests
{
    private const string Fixed = "which decides where a call goes or what it reads. Only the host may set it.";

    [Theory]
    [InlineData("""{"request":{"url":"https://evil.example/"}}""", "request.url")]
    [InlineData("""{"REQUEST":{"URL":"https://evil.example/"}}""", "REQUEST.URL")]
    [InlineData("""{"request":{"url":null}}""", "request.url")]
    [InlineData("""{"request":null}""", "request")]
    [InlineData("""{"mirrors":[{"url":"https://evil.example/"}]}""", "mirrors.0.url")]
    [InlineData("""{"byCountry":{"de":{"url":"https://evil.example/"}}}""", "byCountry.de.url")]
    public void A_launch_or_a_client_chooses_no_address(string settings, string place)
    {
        Assert.Contains($"the launch sets '{place}', {Fixed}", Problem(batch: settings), StringComparison.Ordinal);
        Assert.Contains($"the launch sets '{place}', {Fixed}", Problem(launched: settings), StringComparison.Ordinal);
        Assert.Contains($"the client's definition sets '{place}', {Fixed}", Problem(client: settings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"key":"secret:OTHERS_KEY"}""")]
    [InlineData("""{"KEY":"secret:OTHERS_KEY"}""")]
    [InlineData("""{"note":"secret:OTHERS_KEY"}""")]
    [InlineData("""{"body":{"deep":[{"er":"secret:OTHERS_KEY"}]}}""")]
    public void A_launch_reaches_no_secret_that_the_step_s_own_settings_do_not_name(string settings)
    {
        Assert.Contains("the launch names the secret 'OTHERS_KEY'", Problem(batch: settings), StringComparison.Ordinal);
        Assert.Contains("the launch names the secret 'OTHERS_KEY'", Problem(launched: settings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"note":"secret:KEY"}""", "note")]
    [InlineData("""{"body":{"echo":"secret:KEY"}}""", "body.echo")]
    [InlineData("""{"headers":{"X-Echo":"secret:KEY"}}""", "headers.X-Echo")]
    public void A_launch_does_not_move_a_secret_to_where_an_answer_could_bring_it_back(string settings, string place) =>
        Assert.Contains($"the launch puts the secret 'KEY' into '{place}'", Problem(batch: settings), StringComparison.Ordinal);

    [Fact]
    public void A_request_written_into_a_key_is_the_name_of_the_secret() =>
        Assert.Equal("Secrets:CLAY", $"Secrets:{new SecretRequest("CLAY", "acme", "clay.company", SettingsLayer.Host)}");

    [Fact]
    public void A_launch_may_choose_between_the_secrets_that_its_client_and_the_host_name() => Assert.Empty(Problem(
        batch: """{"key":"secret:OWN","note":"mine"}""", client: """{"key":"secret:OWN"}"""));

    [Theory]
    [InlineData("""{"key":"secret:KEY","Key":"secret:OTHERS_KEY"}""", "occurs twice in the same object")]
    [InlineData("""[]""", "expected an object of settings")]
    [InlineData("null", "expected an object of settings")]
    [InlineData("""{"note":"\ud800"}""", "half of a surrogate pair")]
    public void Settings_of_a_launch_that_could_be_read_in_two_ways_are_refused(string settings, string problem) =>
        Assert.Contains(problem, Problem(batch: settings), StringComparison.Ordinal);

    [Fact]
    public void A_trusted_layer_may_say_anything()
    {
        var trust = new SettingsTrust();
        trust.Add(SettingsLayer.Launch, ["acme.call"]);
        const string Everything = """{"request":{"url":"https://other.example/"},"key":"secret:OTHERS_KEY","note":"secret:OTHERS_KEY"}""";
        Assert.Empty(Problem(batch: Everything, trust: trust));
        Assert.Contains(Fixed, Problem(client: Everything, trust: trust), StringComparison.Ordinal);

        var elsewhere = new SettingsTrust();
        elsewhere.Add(SettingsLayer.Launch, ["acme.other"]);
        Assert.Contains(Fixed, Problem(batch: Everything, trust: elsewhere), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_the_step_launches_nothing_that_the_host_with_it_would_have_refused()
    {
        // The launching host knows no options type, so that the working host checks what was said by whom.
        var elsewhere = new StepCatalogue([]).With([StepManifest.Of(typeof(Call))]);
        var snapshot = PipelineSnapshot.FromJson(
            Bindings.Snapshot(Request(batch: """{"request":{"url":"https://evil.example/"}}""") with { Steps = elsewhere }).ToJson()
        );
        var asked = new List<string>();
        var bound = Bindings.Bind(
            typeof(Options),
            snapshot.Stages[0].Settings,
            new(
                snapshot.Stages[0].Manifest,
                "acme",
                (secret, _) =>
                {
                    asked.Add(secret.Name);
                    return new("x");
                })
            {
                Overrides = snapshot.Stages[0].Overrides!,
            },
            out var problems);
        Assert.Null(bound);
        Assert.Contains(Fixed, Assert.Single(problems), StringComparison.Ordinal);
        Assert.Empty(asked);
        Assert.Contains(
            "'OTHERS_KEY'",
            Assert
                .Throws<PreflightException>(() =>
                    Bindings.Snapshot(Request(batch: """{"key":"secret:OTHERS_KEY"}""") with { Steps = elsewhere }))
                .Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"limits":{"shared":true}}""", "the launch sets 'shared'")]
    [InlineData("""{"Limits":{"SHARED":true,"name":"others"}}""", "the launch sets 'SHARED'")]
    public void A_launch_does_not_enter_a_limit_that_others_share(string settings, string problem) =>
        Assert.Contains(problem, Problem(batch: settings), StringComparison.Ordinal);

    [Fact]
    public void A_limit_that_all_clients_share_is_changed_by_the_host_alone()
    {
        static PreflightRequest Shared(PreflightRequest request) =>
            request with
            {
                WorkstreamSettings = Layer(
                    """{"request":{"url":"https://vendor.example/"},"limits":{"name":"acme","shared":true,"rate":50}}"""
                ),
            };
        var own = Bindings.Snapshot(Request(batch: """{"limits":{"rate":0.01}}"""));
        Assert.Equal(0.01, own.Stages[0].Limits!.Rate);
        Assert.Contains(
            "only the host may change them",
            Assert.Throws<PreflightException>(() => Bindings.Snapshot(Shared(Request(batch: """{"limits":{"rate":0.01}}""")))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "only the host may change them",
            Assert.Throws<PreflightException>(() => Bindings.Snapshot(Shared(Request(client: """{"limits":null}""")))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_resolver_is_told_for_whom_and_on_whose_word()
    {
        var asked = new List<SecretRequest>();
        Bindings.Snapshot(Request(batch: """{"key":"secret:KEY"}""", client: """{"former":"secret:KEY"}""") with
        {
            Secrets = (secret, _) =>
            {
                asked.Add(secret);
                return new($"{secret.Layer}");
            },
        });
        Assert.Equal(
            [
                new("KEY", "acme", "acme.call", SettingsLayer.Client),
                new("KEY", "acme", "acme.call", SettingsLayer.Launch),
                new("HEADER", "acme", "acme.call", SettingsLayer.Host),
            ],
            asked.OrderByDescending(secret => secret.Name).ThenBy(secret => secret.Layer));
    }

    private static string Problem(string? batch = null, string? client = null, string? launched = null, SettingsTrust? trust = null)
    {
        try
        {
            Bindings.Snapshot(Request(batch, client, launched) with { Trust = trust ?? new() });
            return "";
        }
        catch (PreflightException refused)
        {
            return refused.Message;
        }
    }

    private static PreflightRequest Request(string? batch = null, string? client = null, string? launched = null) => new()
    {
        Pipeline = PipelineDefinition.Create("calls", p => p.Step("acme.call", s =>
        {
            if (launched is not null)
            {
                s.Options(JsonElement.Parse(launched));
            }
        })),
        LaunchedPipeline = launched is not null,
        Steps = new([StepDescriptor.Of<Call>()]),
        Client = "acme",
        Workstream = "any",
        WorkstreamVersion = "1",
        Fields = [],
        WorkstreamSettings = Layer("""{"request":{"url":"https://vendor.example/"},"key":"secret:KEY","headers":{"Authorization":"secret:HEADER"}}"""),
        ClientSettings = Layer(client),
        BatchSettings = Layer(batch),
        Secrets = (_, _) => new("x"),
    };

    private static Dictionary<string, JsonElement> Layer(string? settings) =>
        settings is null ? [] : new() { ["acme.call"] = JsonElement.Parse(settings) };

    [EnrichmentStep("acme.call", "1.0.0", Options = typeof(Options))]
    private sealed class Call : NoStep;

    public sealed class Options
    {
        public required Target Request { get; init; }

        public IReadOnlyList<Target> Mirrors { get; init; } = [];

        public IReadOnlyDictionary<string, Target> ByCountry { get; init; } = new Dictionary<string, Target>();

        [Secret]
        public string? Key { get; init; }

        [Secret]
        public string? Former { get; init; }

        public string Note { get; init; } = "";

        public JsonElement? Body { get; init; }

        [Secret(SecretPlace.Headers)]
        public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
    }

    public sealed class Target
    {
        [Fixed]
        public required string Url { get; init; }
    }
}
