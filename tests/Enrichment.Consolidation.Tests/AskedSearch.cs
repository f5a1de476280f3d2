using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tests;

/// <summary>A random search, or none, and which rows it finds: each of its words begins a word of a searched column.</summary>
internal sealed record AskedSearch(string? Text)
{
    private static readonly string[] Texts =
    [
        "acme", "ACM 1", "glob", "3 acme", "m\u00fc", "MULL gmb", "ss", "x", "quot", "drop TABLE", "\"a\" OR *", "' | !b", "a & b", "(x", "e\u0301", "it's", "tab line",
        "nobody", "\uFF5E a", "\U00010428",
    ];

    public static AskedSearch Random(Random random) => new(random.Next(3) == 0 ? Texts[random.Next(Texts.Length)] : null);

    public ProjectionQuery Of(ProjectionQuery query) => Text is null ? query : query.Search(Text);

    public bool Finds(AskedRow row) => Text is null
        || SearchedWords.Of([Text]).All(word =>
            SearchedWords
                .Of([row["name"] as string ?? "", row["row_of"] as string ?? ""])
                .Any(known => known.StartsWith(word, StringComparison.Ordinal)));
}
