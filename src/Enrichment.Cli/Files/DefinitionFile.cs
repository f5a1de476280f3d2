using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Enrichment.Cli.Files;

/// <summary>
/// A JSON file as the command line names one: a path, the name of one in this folder without its extension, or - for standard input.
/// </summary>
internal sealed class DefinitionFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private DefinitionFile(string path, byte[] bytes)
    {
        Path = path;
        Bytes = bytes;
    }

    /// <summary>Where it is; <c>-</c> for standard input.</summary>
    public string Path { get; }

    public byte[] Bytes { get; }

    /// <param name="given">What the command line says.</param>
    /// <param name="option">The option that says it.</param>
    /// <returns>Null if it is a name, and there is no file of it.</returns>
    /// <exception cref="EnrichmentException">It cannot be read.</exception>
    public static DefinitionFile? Find(string given, string option)
    {
        if (given == Output.Standard)
        {
            using var bytes = new MemoryStream();
            StandardStreams.TakeInput(option).CopyTo(bytes);
            return new(given, bytes.ToArray());
        }

        var path = File.Exists(given) || IsPath(given) ? given : File.Exists($"{given}.json") ? $"{given}.json" : null;
        try
        {
            return path is null ? null : new(path, File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EnrichmentException(
                $"There is no file '{path}'.{NearestFile.Hint(path!)} The path is relative to {Environment.CurrentDirectory}.",
                exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EnrichmentException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// The names by which the files of this folder can be given that have a property, or cannot be read: each may mean to be such a
    /// definition.
    /// </summary>
    public static IEnumerable<string> Names(string property) =>
        InFolder(property).Select(file => System.IO.Path.GetFileNameWithoutExtension(file));

    /// <inheritdoc cref="Names"/>
    /// <returns>Their paths.</returns>
    public static IEnumerable<string> InFolder(string property) =>
        Directory
            .EnumerateFiles(Environment.CurrentDirectory, "*.json")
            .Where(file => MayHave(file, property))
            .Order(StringComparer.Ordinal);

    private static bool MayHave(string file, string property)
    {
        try
        {
            return JsonNode.Parse(
                    File.ReadAllText(file),
                    documentOptions: new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })
                    is JsonObject json
                && json.ContainsKey(property);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Whether it can only be a path: a name has neither an extension nor a folder.</summary>
    public static bool IsPath(string given) =>
        given.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        || given.Contains('/', StringComparison.Ordinal)
        || given.Contains('\\', StringComparison.Ordinal);

    /// <summary>What it defines.</summary>
    /// <param name="load">Reads a file by its path.</param>
    /// <param name="parse">Reads a text, and what errors call it.</param>
    public T Read<T>(Func<string, T> load, Func<string, string, T> parse)
    {
        try
        {
            return Path == Output.Standard ? parse(Strict.GetString(Bytes), "standard input") : load(Path);
        }
        catch (DecoderFallbackException exception)
        {
            throw new EnrichmentException("Standard input is not UTF-8 text.", exception);
        }
    }
}
