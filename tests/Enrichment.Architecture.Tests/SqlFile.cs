using System.Text.RegularExpressions;
using Enrichment.Storage;

namespace Enrichment.Architecture.Tests;

/// <summary>One SQL file of a store, and its statements without comments and literals.</summary>
public sealed partial record SqlFile(string Store, string Path, string Text)
{
    /// <summary>Where the file stands inside its store, e.g. <c>Sql/claim.sql</c>: equal operations have equal names.</summary>
    public string Name => System.IO.Path.GetRelativePath(Package.Named(Store).Folder, Path).Replace('\\', '/');

    public bool IsMigration => Name.StartsWith("Migrations/", StringComparison.Ordinal);

    public bool IsObject => Name.StartsWith("Objects/", StringComparison.Ordinal);

    /// <summary>Lower case, one blank between words. The body of a function counts as statements of its own.</summary>
    public IEnumerable<string> Statements =>
        DollarQuote().Replace(Literal().Replace(BlockComment().Replace(LineComment().Replace(Text, ""), ""), "''"), ";")
            .Split(';')
            .Select(statement => Blank().Replace(statement, " ").Trim().ToLowerInvariant())
            .Where(statement => statement.Length > 0);

    /// <summary>The files of a store, with their parts and numbers put in.</summary>
    public static IEnumerable<SqlFile> Of(string store)
    {
        string[] parts =
        [
            System.IO.Path.Combine(Package.Named(store).Folder, "Sql", "Parts"),
            System.IO.Path.Combine(Package.Named("Enrichment").Folder, "Storage", "Sql", "Parts"),
        ];
        return Package
            .Named(store)
            .Files("*.sql")
            .Order(StringComparer.Ordinal)
            .Select(path => new SqlFile(
                store,
                path,
                SqlFiles.WithNumbers(
                    SqlFiles.WithParts(
                        File.ReadAllText(path),
                        part =>
                            SqlFiles.WithoutHead(
                                File.ReadAllText(parts.Select(folder => System.IO.Path.Combine(folder, $"{part}.sql")).First(File.Exists)))))));
    }

    public override string ToString() => $"{Store}/{Name}";

    [GeneratedRegex("--.*")]
    private static partial Regex LineComment();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex BlockComment();

    [GeneratedRegex("'(?:[^']|'')*'")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\$\w*\$")]
    private static partial Regex DollarQuote();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
