using System.Globalization;
using System.Text;
using System.Text.Json;
using Enrichment.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// A value in a definition file and its place. An unexpected value becomes an error that names the file, the place, the value and the
/// expected form.
/// </summary>
/// <param name="Element">The value.</param>
/// <param name="Source">The name of the text in errors: mostly the file's name.</param>
/// <param name="Path">The value's place, in the notation of JSONPath.</param>
internal readonly record struct DefinitionNode(JsonElement Element, string Source, string Path)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Comments and a comma too many are a hand-written file's right.
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <exception cref="EnrichmentException">The file cannot be read, or is not UTF-8 JSON.</exception>
    public static DefinitionNode Load(string path)
    {
        var source = System.IO.Path.GetFileName(path);
        try
        {
            return Parse(Strict.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF'), source);
        }
        catch (DecoderFallbackException exception)
        {
            throw new EnrichmentException($"{source}: not UTF-8 text. Save the file as UTF-8.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EnrichmentException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    public static DefinitionNode Parse(string json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Lenient);
            return new(document.RootElement.Clone(), source, "$");
        }
        catch (ArgumentException exception)
        {
            throw new EnrichmentException($"{source}: the text holds half of a surrogate pair, which is not a character.", exception);
        }
        catch (JsonException exception)
        {
            throw new EnrichmentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source}, line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}: not JSON. {JsonFault.Sentence(exception)}"),
                exception);
        }
    }

    public EnrichmentException Error(string message) => new($"{Source}, {Path}: {message}");

    public EnrichmentException Unexpected(string expected) => Error($"expected {expected}, found {Found()}.");

    /// <summary>The object's properties; each at most once, none but the known ones.</summary>
    public Dictionary<string, DefinitionNode> Object(string noun, params string[] known)
    {
        var properties = Map($"{noun}, an object with {string.Join(", ", known)}");
        foreach (var (name, node) in properties)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                throw node.Error(
                    $"{noun} has no property '{Excerpt.Of(name)}'.{Nearest.Hint(name, known)} Known: {string.Join(", ", known)}.");
            }
        }

        return properties;
    }

    /// <summary>The properties of an object whose names are the file's own.</summary>
    public Dictionary<string, DefinitionNode> Map(string expected)
    {
        if (Element.ValueKind != JsonValueKind.Object)
        {
            throw Unexpected(expected);
        }

        var properties = new Dictionary<string, DefinitionNode>(StringComparer.Ordinal);
        foreach (var property in Element.EnumerateObject())
        {
            var node = this with { Element = property.Value, Path = Below(property) };
            if (!properties.TryAdd(property.Name, node))
            {
                throw node.Error("occurs twice in the same object. Remove one of them.");
            }
        }

        return properties;
    }

    public List<DefinitionNode> List(string expected)
    {
        if (Element.ValueKind != JsonValueKind.Array)
        {
            throw Unexpected(expected);
        }

        var items = new List<DefinitionNode>(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
        {
            items.Add(this with { Element = item, Path = $"{Path}[{items.Count}]" });
        }

        return items;
    }

    /// <summary>Text that every store can hold.</summary>
    public string Text(string expected)
    {
        if (Element.ValueKind != JsonValueKind.String)
        {
            throw Unexpected(expected);
        }

        string text;
        try
        {
            text = Element.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new EnrichmentException(
                $"{Source}, {Path}: the text holds half of a surrogate pair, which is not a character. Correct its \\u escapes.",
                exception);
        }

        return text.Contains('\0', StringComparison.Ordinal)
            ? throw Error("the text holds the character NUL, which cannot be stored. Remove it.")
            : text;
    }

    public bool Flag() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Unexpected("true or false"),
    };

    public int Number(string expected) =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var number) ? number : throw Unexpected(expected);

    public TimeSpan Duration(string expected) =>
        Element.ValueKind == JsonValueKind.String
        && TimeSpan.TryParseExact(Element.GetString(), "c", CultureInfo.InvariantCulture, out var duration)
            ? duration
            : throw Unexpected($"{expected}, written as hours:minutes:seconds such as \"00:00:30\"");

    /// <summary>Uses the value; an error of the use gets the value's place.</summary>
    public void Use(Action<DefinitionNode> use)
    {
        try
        {
            use(this);
        }
        catch (EnrichmentException exception) when (!exception.Message.StartsWith(Source + ", ", StringComparison.Ordinal))
        {
            throw new EnrichmentException($"{Source}, {Path}: {exception.Message}", exception);
        }
    }

    private string Below(JsonProperty property)
    {
        string name;
        try
        {
            name = property.Name;
        }
        catch (InvalidOperationException exception)
        {
            throw new EnrichmentException(
                $"{Source}, {Path}: the name of a property holds half of a surrogate pair, which is not a character. Correct its \\u escapes.",
                exception);
        }

        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? $"{Path}.{name}"
            : $"{Path}['{Excerpt.Of(name)}']";
    }

    private string Found() => Element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        _ => Excerpt.Of(Element.GetRawText()),
    };
}
