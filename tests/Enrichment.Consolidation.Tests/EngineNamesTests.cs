using System.Text.RegularExpressions;
using Enrichment.Consolidation.Definitions;
using Enrichment.TestKit;

namespace Enrichment.Consolidation.Tests;

/// <summary>No projection can take a name that the engine uses, whichever table is added next.</summary>
public sealed partial class EngineNamesTests
{
    [Fact]
    public void The_reserved_names_are_those_that_the_stores_create()
    {
        var created = Directory
            .EnumerateFiles(Path.Combine(TestPaths.RepositoryRoot, "src"), "*.*", SearchOption.AllDirectories)
            .Where(file =>
                Path.GetExtension(file) is ".sql" or ".cs"
                && !file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj"))
            .SelectMany(file => Create().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            .ToHashSet(StringComparer.Ordinal);

        Assert.Equal(created.Order(StringComparer.Ordinal), EngineNames.All.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("inbox")]
    [InlineData("limit_states")]
    [InlineData("shared")]
    [InlineData("sending")]
    public void A_projection_cannot_be_named_so(string table) =>
        Assert.Contains(
            "the engine has a table of that name",
            Assert.Throws<EnrichmentException>(() => Projection.Define("leads", p => p.Table(table).Text("a", s => s.Column("A")))).Message,
            StringComparison.Ordinal);

    [GeneratedRegex(@"\bcreate (temp )?(table|view) (if not exists )?(\{[Ss]chema\}\.)?(?<name>[a-z][a-z_]+)(?= *\(|\s+as\b)")]
    private static partial Regex Create();
}
