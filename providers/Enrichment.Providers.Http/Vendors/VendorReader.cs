using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http.Vendors;

/// <summary>
/// Makes a step of a document, strictly: an unknown name is an error, because a misspelt setting would otherwise change the meaning of a
/// call.
/// </summary>
/// <param name="source">The name of the document in errors.</param>
/// <param name="kinds">The kinds of step that documents may describe.</param>
internal sealed class VendorReader(string source, IReadOnlyList<VendorKind> kinds)
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 32,
    };

    private readonly List<string> problems = [];
    private readonly Dictionary<string, JsonElement> properties = new(StringComparer.Ordinal);

    /// <summary>What is wrong with the document.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <returns>The step; null if there is a problem.</returns>
    public StepDescriptor? Read(ReadOnlyMemory<byte> json)
    {
        var kind = Parse(json) is { } root ? Open(root) : null;
        var step = kind is null ? null : Describe(kind);
        return problems.Count == 0 ? step : null;
    }

    private JsonElement? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json, Lenient);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            problems.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source}, line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}: not JSON in UTF-8. {(end < 0 ? exception.Message : exception.Message[..end])}"));
            return null;
        }
    }

    private VendorKind? Open(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            Refuse("", "expected a vendor's step, an object with step, version, kind, reads, produces and options.");
            return null;
        }

        foreach (var (pointer, problem) in Texts.Problems(root, ""))
        {
            Refuse(pointer, problem);
        }

        if (problems.Count > 0)
        {
            return null; // Nothing can be read of names that are no text.
        }

        foreach (var property in root.EnumerateObject().Where(property => !properties.TryAdd(property.Name, property.Value)))
        {
            Refuse(Texts.Below("", property.Name), "occurs twice in the same object. Remove one of them.");
        }

        var name = Text("kind");
        var kind = kinds.FirstOrDefault(kind => kind.Name == name);
        if (kind is null)
        {
            Refuse(
                name is null ? "" : "/kind",
                $"{(name is null ? "'kind' is missing" : $"there is no kind '{name}'")}. Known: {string.Join(", ", kinds.Select(known => known.Name))}.");
            return null;
        }

        foreach (var property in properties.Keys.Except(kind.Properties))
        {
            Refuse(
                Texts.Below("", property),
                $"a vendor of kind '{kind.Name}' has no such property. Known: {string.Join(", ", kind.Properties)}.");
        }

        return kind;
    }

    private StepDescriptor? Describe(VendorKind kind)
    {
        var options = Options(kind);
        var token = Text("tokenPointer");
        foreach (var problem in Pointer.Problems("tokenPointer", [token]))
        {
            Refuse("/tokenPointer", problem);
        }

        var usual = new EnrichmentStepAttribute("", "");
        var reads = List("reads");
        var manifest = new StepManifest
        {
            Slug = Required("step"),
            Version = Required("version"),
            Reads = reads,
            Produces = Produces(),
            Effects = kind.Effects ?? (Flag("safeToRepeat") ? Effects.SafeToRepeat : Effects.Review),
            Timeout = Seconds("timeoutSeconds", usual.TimeoutSeconds),
            MaxTries = Number("maxTries", usual.MaxTries),
            ReceivesCallbacks = kind.Options == typeof(HttpCallbackOptions),
            PollInterval = kind.Options == typeof(HttpPollOptions) ? Seconds("pollSeconds", usual.PollSeconds) : null,
            Deadline = Seconds("deadlineSeconds", usual.DeadlineSeconds),
            BulkSize = kind.BulkSize is { } size ? Number("bulkSize", size) : null,
            Entity = Value("entity", JsonValueKind.Object, "an object such as {\"kind\": \"company\", \"keys\": [\"company.domain\"]}")
                is { } entity
                ? DeclaredEntity.Read(entity, reads, Refuse)
                : null,
            Settings = WithLimits(options),
        };
        if (problems.Count > 0)
        {
            return null;
        }

        foreach (var (pointer, problem) in SettingsShape.Whole(options, kind, manifest))
        {
            Refuse("/options" + pointer, problem);
        }

        return StepDescriptor.Of(
            manifest,
            source,
            kind.Options,
            services => kind.MakeAt is { } make ? make(services, token) : kind.Make(services));
    }

    private JsonElement? Options(VendorKind kind)
    {
        if (!properties.TryGetValue("options", out var options))
        {
            return null;
        }

        if (options.ValueKind != JsonValueKind.Object)
        {
            Refuse("/options", "expected an object of settings.");
            return null;
        }

        foreach (var (pointer, problem) in SettingsShape.Problems(options, kind.Options, "/options"))
        {
            Refuse(pointer, problem);
        }

        return options;
    }

    // To the engine limits are a setting among the others, so that clients and pipelines can change them.
    private JsonElement? WithLimits(JsonElement? options)
    {
        if (Value("limits", JsonValueKind.Object, "an object such as {\"rate\": 50}") is not { } limits)
        {
            return options;
        }

        var settings = options is { } own ? JsonObject.Create(own)! : [];
        settings["limits"] = JsonObject.Create(limits);
        return JsonSerializer.SerializeToElement(settings);
    }

    private List<ProducedField> Produces()
    {
        var produced = new List<ProducedField>();
        foreach (var (text, index) in List("produces").Select((text, index) => (text, index)))
        {
            try
            {
                produced.Add(ProducedField.Parse(text));
            }
            catch (FormatException exception)
            {
                Refuse($"/produces/{index}", exception.Message);
            }
        }

        return produced;
    }

    private string Required(string name)
    {
        if (!properties.ContainsKey(name))
        {
            Refuse("", $"'{name}' is missing.");
        }

        return Text(name) ?? "";
    }

    private string? Text(string name) => Value(name, JsonValueKind.String, "a text")?.GetString();

    private bool Flag(string name)
    {
        if (properties.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Refuse("/" + name, $"expected true or false, found {Texts.Found(value)}.");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    private int Number(string name, int usual)
    {
        if (Value(name, JsonValueKind.Number, "a whole number") is not { } value)
        {
            return usual;
        }

        if (!value.TryGetInt32(out var number))
        {
            Refuse("/" + name, $"expected a whole number, found {Texts.Found(value)}.");
        }

        return number;
    }

    private TimeSpan Seconds(string name, double usual)
    {
        var seconds = Value(name, JsonValueKind.Number, "a number of seconds") is { } value ? value.GetDouble() : usual;
        if (seconds is > 0 and <= 1e9)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        Refuse("/" + name, $"expected a number of seconds above 0, found {seconds.ToString(CultureInfo.InvariantCulture)}.");
        return TimeSpan.Zero;
    }

    private IReadOnlyList<string> List(string name)
    {
        if (Value(name, JsonValueKind.Array, "a list of fields") is not { } list)
        {
            return [];
        }

        foreach (var (index, item) in list.EnumerateArray().Index().Where(each => each.Item.ValueKind != JsonValueKind.String))
        {
            Refuse($"/{name}/{index}", $"expected a field's name, found {Texts.Found(item)}.");
        }

        return [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];
    }

    private JsonElement? Value(string name, JsonValueKind kind, string expected)
    {
        if (!properties.TryGetValue(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == kind)
        {
            return value;
        }

        Refuse("/" + name, $"expected {expected}, found {Texts.Found(value)}.");
        return null;
    }

    private void Refuse(string pointer, string problem) =>
        problems.Add($"{source}{(pointer.Length == 0 ? "" : ", " + Texts.Place(pointer))}: {problem}");
}
