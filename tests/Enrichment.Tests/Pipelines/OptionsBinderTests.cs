using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Enrichment.Pipelines;

namespace Enrichment.Tests.Pipelines;

public class OptionsBinderTests
{
    private const string Secret = "p4ssw0rd-of-the-vendor";
    private static readonly StepManifest Manifest = new() { Slug = "acme.size", Version = "1.0.0", Reads = ["company.domain"] };

    [Fact]
    public void Settings_are_bound_without_regard_to_case_over_the_step_s_defaults()
    {
        var options = Bind(
            """{"WEBHOOKURL":"https://example.com","mode":"fast","limits":{"perSecond":3},"headers":{"X-Key":"secret:CLAY.KEY-1"}}"""
        );
        Assert.Equal(
            ("https://example.com", Mode.Fast, 3, 10),
            (options.WebhookUrl, options.Mode, options.Limits.PerSecond, options.Attempts));
        Assert.Equal(Secret, options.Headers["X-Key"]);
    }

    [Fact]
    public void A_secret_is_named_and_its_value_bound() =>
        Assert.Equal(Secret, Bind("""{"webhookUrl":"https://example.com","apiKey":"secret:CLAY.KEY-1"}""").ApiKey);

    [Theory]
    [InlineData(
        """{"webhookUrl":"https://x","webhok":1,"attempt":2}""",
        "it has no setting 'webhok'. Known: webhookUrl, mode, attempts, apiKey, limits, headers.",
        "it has no setting 'attempt'. Did you mean 'attempts'? Known: webhookUrl, mode, attempts, apiKey, limits, headers.")]
    [InlineData(
        """{"webhookUrl":"https://x","apiKey":"p4ssw0rd-of-the-vendor"}""",
        "the setting 'apiKey' is a secret, and no definition may hold its value. Write \"secret:NAME\" there and give the host the value under that name.")]
    [InlineData(
        """{"webhookUrl":"https://x","apiKey":"secret:OTHER"}""",
        "the setting 'apiKey' needs the secret 'OTHER', which this host does not have. Set the environment variable ENRICHMENT_SECRET_OTHER, or let the host's own resolver answer for it.")]
    [InlineData(
        """{"webhookUrl":"https://x","headers":{"a":"secret:","b":"secret:x y"}}""",
        "the setting 'headers.a' names a secret in a form that is not understood. Expected secret:NAME, the name made of letters, digits, '_', '-' and '.'.",
        "the setting 'headers.b' names a secret in a form that is not understood. Expected secret:NAME, the name made of letters, digits, '_', '-' and '.'.")]
    [InlineData("""{"mode":"fast","attempts":0}""", "The webhookUrl field is required.", "The field attempts must be between 1 and 20.")]
    [InlineData(
        """{"webhookUrl":"https://x","attempts":"many"}""",
        "the setting 'attempts' cannot be read: expected a whole number in its range.")]
    [InlineData("""{"webhookUrl":"https://x","limits":{"perMinute":1}}""", "'limits' has no setting 'perMinute'. Known: perSecond.")]
    public void Everything_that_is_wrong_is_told(string settings, params string[] messages)
    {
        Assert.Null(Bindings.Bind(typeof(Options), Element(settings), Context, out var problems));
        Assert.Equal(messages, problems);
    }

    [Fact]
    public void Validation_names_a_property_as_definitions_write_its_setting()
    {
        Assert.Null(Bindings.Bind(typeof(Validated), Element("""{"maxRows":0}"""), Context, out var problems));
        Assert.Equal(["The field maxRows must be between 1 and 20."], problems);
    }

    [Fact]
    public void A_null_for_a_parameter_of_the_constructor_is_told_without_types_of_NET()
    {
        Assert.Null(Bindings.Bind(typeof(Positional), Element("""{"key":null}"""), Context, out var problems));
        Assert.Equal(["the setting 'key' cannot be read: expected a text."], problems);
    }

    [Theory]
    [InlineData(typeof(Quoting))]
    [InlineData(typeof(Throwing))]
    [InlineData(typeof(Converting))]
    public void No_message_holds_a_secret_whatever_the_options_type_does(Type type)
    {
        Assert.Null(Bindings.Bind(type, Element("""{"key":"secret:CLAY.KEY-1"}"""), Context, out var problems));
        Assert.Contains("secret:CLAY.KEY-1", Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_without_options_takes_none()
    {
        Assert.NotNull(Bindings.Bind(null, null, Context, out var problems));
        Assert.Empty(problems);
        Bindings.Bind(null, Element("""{"a":1,"b":2}"""), Context, out problems);
        Assert.Equal(["it takes no settings, but has 'a', 'b'. Remove them."], problems);
    }

    [Fact]
    public void A_secret_is_asked_for_once_a_binding()
    {
        var asked = new List<string>();
        Bindings.Bind(
            typeof(Options),
            Element("""{"webhookUrl":"secret:URL","apiKey":"secret:KEY","headers":{"a":"secret:KEY"}}"""),
            new(
                Manifest,
                "acme",
                (secret, _) =>
                {
                    asked.Add(secret.Name);
                    return new("https://x");
                }),
            out var problems);
        Assert.Empty(problems);
        Assert.Equal(["URL", "KEY"], asked);
    }

    [Fact]
    public void By_default_secrets_are_environment_variables()
    {
        Environment.SetEnvironmentVariable("ENRICHMENT_SECRET_TEST_KEY_1", Secret);
        Assert.Equal(Secret, SecretReference.FromEnvironment(new("test.key-1", "acme", "acme.size", SettingsLayer.Host)));
        Assert.Null(SecretReference.FromEnvironment(new("no_such_key", "acme", "acme.size", SettingsLayer.Host)));
    }

    private static Options Bind(string settings)
    {
        var options = Bindings.Bind(typeof(Options), Element(settings), Context, out var problems);
        Assert.Empty(problems);
        return Assert.IsType<Options>(options?.Value);
    }

    private static BindingContext Context => new(Manifest, "acme", (asked, _) => new(asked.Name == "CLAY.KEY-1" ? Secret : null));

    private static JsonElement Element(string json) => JsonDocument.Parse(json).RootElement;

    public enum Mode
    {
        Slow,
        Fast,
    }

    public sealed class Options
    {
        [Required]
        [JsonPropertyName("webhookUrl")]
        public string? WebhookUrl { get; init; }

        [JsonPropertyName("mode")]
        public Mode Mode { get; init; }

        [Range(1, 20)]
        [JsonPropertyName("attempts")]
        public int Attempts { get; init; } = 10;

        [Secret]
        [JsonPropertyName("apiKey")]
        public string? ApiKey { get; init; }

        [JsonPropertyName("limits")]
        public LimitOptions Limits { get; init; } = new();

        [JsonPropertyName("headers")]
        public Dictionary<string, string> Headers { get; init; } = [];
    }

    public sealed class LimitOptions
    {
        public int PerSecond { get; init; }
    }

    private sealed class Validated
    {
        [Range(1, 20)]
        public int MaxRows { get; init; } = 10;
    }

    private sealed record Positional(string Key);

    private sealed class Quoting : IValidatableObject
    {
        public string Key { get; init; } = "";

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => [new($"'{Key}' is too weak.")];
    }

    private sealed class Throwing
    {
        public string Key { get; init => field = value.Length == 0 ? value : throw new FormatException($"cannot use {value}"); } = "";
    }

    private sealed class Converting
    {
        [JsonConverter(typeof(Converter))]
        public string Key { get; init; } = "";

        private sealed class Converter : JsonConverter<string>
        {
            public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                throw new JsonException($"cannot use {reader.GetString()}");

            public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
                throw new NotSupportedException();
        }
    }
}
