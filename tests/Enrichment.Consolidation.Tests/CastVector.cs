using System.Text.Json;
using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Tests;

/// <summary>
/// A line of casts.jsonl: what a JSON value becomes in a column of a type. Without an outcome it is no value, which is no issue either.
/// </summary>
internal sealed record CastVector(ColumnType Type, string In, string? Out, bool Bad)
{
    public static IReadOnlyList<CastVector> All { get; } = [.. Lines().Select(Read)];

    private static IEnumerable<string> Lines()
    {
        using var reader = new StreamReader(
            typeof(CastVector).Assembly.GetManifestResourceStream($"{typeof(CastVector).Namespace}.casts.jsonl")!);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static CastVector Read(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        Assert.True(ColumnTypeWords.TryParse(root.GetProperty("type").GetString()!, out var type), line);
        return new(
            type,
            root.GetProperty("in").GetRawText(),
            root.TryGetProperty("out", out var text) ? text.GetString() : null,
            root.TryGetProperty("bad", out _));
    }
}
