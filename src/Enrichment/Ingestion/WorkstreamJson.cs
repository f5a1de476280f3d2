using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Enrichment.Ingestion.Fields;
using Enrichment.Json;

namespace Enrichment.Ingestion;

/// <summary>Workstreams as JSON.</summary>
internal static partial class WorkstreamJson
{
    private static readonly string[] Known =
        ["name", "version", "fields", "list", "required", "any_of", "recognized_by", "pipeline", "steps"];

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter<ListKind>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    private sealed record WorkstreamDocument(
        string Name,
        int Version,
        OrderedDictionary<string, string[]>? Fields = null,
        string[]? Required = null,
        string[][]? AnyOf = null,
        string[]? RecognizedBy = null,
        ListKind? List = null,
        string? Pipeline = null,
        OrderedDictionary<string, JsonElement>? Steps = null);

    public static Workstream Parse(ReadOnlySpan<byte> json, string source)
    {
        try
        {
            var document = JsonSerializer.Deserialize<WorkstreamDocument>(json.StartsWith("\uFEFF"u8) ? json[3..] : json, Options)
                ?? throw new JsonException();
            return Build(document, source);
        }
        catch (JsonException e)
        {
            var file = e.LineNumber is { } line ? $"{source}, line {line + 1}" : source;
            throw new UploadException("workstream_invalid", $"{Place(file, e.Path)}: {Fault(e)}", e);
        }
    }

    /// <summary>The header map as text that is equal for equal maps.</summary>
    public static string MapText(HeaderMap map) => JsonSerializer.Serialize(new { map.Fields, map.Required, map.AnyOf, map.List }, Options);

    private static Workstream Build(WorkstreamDocument document, string source)
    {
        var builder = new WorkstreamBuilder(document.Name, document.Version)
            .Required(document.Required ?? []).RecognizedBy(document.RecognizedBy ?? []).Of(document.List);
        foreach (var (field, headers) in document.Fields ?? [])
        {
            builder.Field(field, headers);
        }

        foreach (var group in document.AnyOf ?? [])
        {
            builder.AnyOf(group);
        }

        foreach (var (slug, settings) in document.Steps ?? [])
        {
            builder.Step(slug, settings.Clone());
        }

        if (document.Pipeline is { } pipeline)
        {
            builder.Pipeline(pipeline);
        }

        string[] faults = [.. builder.Faults().Select(f => $"{Place(source, f.Path)}: {f.Fault}")];
        return faults.Length == 0 ? builder.Build()
            : throw new UploadException("workstream_invalid", string.Join(Environment.NewLine, faults));
    }

    /// <summary>As in the errors of pipelines and projections: the file alone, where it is wrong as a whole.</summary>
    private static string Place(string file, string? path) => path is null or "$" ? file : $"{file}, {path}";

    /// <summary>What an author of JSON can mend: the serialiser's own messages name types of .NET.</summary>
    private static string Fault(JsonException e)
    {
        // The serialiser wraps what the reader of JSON itself throws.
        if (e.InnerException is JsonException)
        {
            return $"not JSON. {JsonFault.Sentence(e)}";
        }

        string[] named = [.. Quoted().Matches(JsonFault.Sentence(e)).Select(name => name.Groups[1].Value)];
        return e.Message switch
        {
            var said when said.StartsWith("The JSON property ", StringComparison.Ordinal) =>
                $"a workstream has no property '{Excerpt.Of(named[0])}'.{Nearest.Hint(named[0], Known)} Known: {string.Join(", ", Known)}.",
            var said when said.StartsWith("Duplicate property ", StringComparison.Ordinal) =>
                $"'{Excerpt.Of(named[0])}' occurs twice in the same object. Remove one of them.",
            _ => $"expected {Expected(e.Path)}.",
        };
    }

    private static string Expected(string? path) => path switch
    {
        null or "$" => "an object with name and version, and if wanted fields, list, required, any_of, recognized_by, pipeline, steps",
        _ when path.StartsWith("$.name", StringComparison.Ordinal) || path.StartsWith("$.pipeline", StringComparison.Ordinal) => "a text",
        _ when path.StartsWith("$.version", StringComparison.Ordinal) => "a whole number from 1",
        _ when path.StartsWith("$.fields", StringComparison.Ordinal) => "an object that gives each field a list of headers",
        _ when path.StartsWith("$.required", StringComparison.Ordinal) => "a list of fields",
        _ when path.StartsWith("$.list", StringComparison.Ordinal) => "'persons' or 'companies'",
        _ when path.StartsWith("$.recognized_by", StringComparison.Ordinal) => "a list of headers",
        _ when path.StartsWith("$.any_of", StringComparison.Ordinal) => "a list of lists of fields",
        _ when path.StartsWith("$.steps", StringComparison.Ordinal) => "an object that gives each step an object of settings",
        _ => $"one of {string.Join(", ", Known)}",
    };

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();
}
