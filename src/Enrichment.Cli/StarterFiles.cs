using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Enrichment.Providers.Normalization;

namespace Enrichment.Cli;

/// <summary>A pipeline and a projection to start from.</summary>
internal static partial class StarterFiles
{
    private const string PipelineFile = "pipeline.json";
    private const string ProjectionFile = "projection.json";
    private const int LongestName = 63;

    // Enough to see what columns hold.
    private const int HeadBytes = 256 * 1024;

    public static readonly JsonSerializerOptions Inline = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Name, string Field)[] Fields =
    [
        ("full_name", "person.full_name"),
        ("email", "person.email"),
        ("company", "company.name"),
        ("domain", "company.domain"),
        ("country", "company.country"),
    ];

    /// <summary>For a list with the columns that most have.</summary>
    public static (string Name, string Text)[] Example { get; } = Files(
        ["company.country", "company.name", "company.domain", "person.name", "person.email"],
        Fields.Select(column => (column.Name, new JsonObject { ["field"] = column.Field })));

    /// <summary>
    /// For the columns of a file: every built-in step that has one to read, every field, and every column that feeds none.
    /// </summary>
    /// <returns>The files, what is to be done first if no step has a column to read, and the headers that several columns share.</returns>
    /// <exception cref="EnrichmentException">The file cannot be read.</exception>
    public static async Task<((string Name, string Text)[] Files, string? First, IReadOnlyList<string> Shared)> ForAsync(
        string path,
        CancellationToken cancellationToken)
    {
        var upload = await ReadAsync(path, cancellationToken);
        var steps = PipelineChoice.StepsFor(upload);
        var produced = new NormalizationProvider()
            .Steps.Where(step => steps.Contains(step.Manifest.Slug))
            .SelectMany(step => step.Manifest.Produces)
            .Select(field => field.Field);
        var mapped = upload.HeaderMap.Values.SelectMany(columns => columns).ToHashSet();
        var unmapped = upload
            .Columns.Where((_, position) => !mapped.Contains(position))
            .GroupBy(header => header.Trim(), StringComparer.OrdinalIgnoreCase)
            .ToList();
        var sources = upload
            .HeaderMap.Keys.Concat(produced)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Select(field => (
                Name: field.StartsWith("person.", StringComparison.Ordinal) ? field["person.".Length..] : field,
                Source: new JsonObject { ["field"] = field }))
            .Concat(unmapped.Select(header => (Name: header.Key, Source: new JsonObject { ["column"] = header.Key })));
        return (
            Files(steps, Named(sources)),
            steps.Count == 0 ? PipelineChoice.HowToMap(upload) : null,
            [.. unmapped.Where(header => header.Count() > 1).Select(header => header.Key)]);
    }

    // In a store in memory, of the beginning of the file alone: only its headers are needed.
    private static async Task<Upload> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var input = Input.Open(path);
        using var head = new MemoryStream();
        var buffer = new byte[HeadBytes];
        var length = await input.Content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var end = length < buffer.Length ? length : buffer.AsSpan().LastIndexOf((byte)'\n') + 1;
        // UTF-16, low byte first, ends its lines with 0A 00.
        head.Write(buffer, 0, end == 0 ? length : end + (end < length && buffer[end] == 0 ? 1 : 0));
        head.Position = 0;
        await using var engine = EnrichmentEngine.Create(builder => builder.UseSqlite(":memory:"));
        await engine.MigrateAsync(cancellationToken);
        return (
            await engine
                .Client("default")
                .UploadAsync(head, null, new() { FileName = input.FileName }, cancellationToken: cancellationToken)).Upload;
    }

    private static (string Name, string Text)[] Files(IEnumerable<string> steps, IEnumerable<(string Name, JsonObject Source)> columns)
    {
        var projection = new StringBuilder("""
            {
              // The table that comes out. A column takes the first of its sources that has a value:
              // {"field": …} ('enrich fields' lists them), {"column": …} (a header of the file), or {"result": STEP, "pointer": …}.
              // Types: text, integer, number, boolean, date, timestamp, text_list, json.
              "name": "projection",
              "columns": [

            """);
        projection.AppendJoin(
            ",\n",
            columns.Select(column =>
                $"    {{ \"name\": \"{column.Name}\", \"type\": \"text\", \"sources\": [{column.Source.ToJsonString(Inline)}] }}"));
        return
        [
            (PipelineFile, $$"""
                {
                  // What is done with each row, stage after stage. 'enrich steps' lists the steps.
                  "name": "pipeline",
                  "stages": [{{string.Join(", ", steps.Select(step => $"\"{step}\""))}}]
                }

                """),
            (ProjectionFile, projection.Append("\n  ]\n}\n").ToString()),
        ];
    }

    // As a column of a table may be called, each once.
    private static IEnumerable<(string Name, JsonObject Source)> Named(IEnumerable<(string Name, JsonObject Source)> columns)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal) { "bucket", "client", "batch", "item" };
        foreach (var (name, source) in columns)
        {
            var plain = NoName().Replace(name.ToLowerInvariant(), "_").Trim('_');
            plain = plain.Length > 0 && char.IsAsciiLetterLower(plain[0]) ? plain : $"column_{plain}".TrimEnd('_');
            plain = plain[..Math.Min(plain.Length, LongestName - 4)];
            var unique = plain;
            for (var number = 2; !taken.Add(unique); number++)
            {
                unique = $"{plain}_{number}";
            }

            yield return (unique, source);
        }
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NoName();
}
