using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Enrichment.Consolidation;
using Enrichment.Ingestion;
using Enrichment.Pipelines;
using Enrichment.TestKit;

namespace Enrichment.Tests;

/// <summary>The JSON files that docs/guide/files-and-workstreams.md shows are ones that the engine reads.</summary>
public sealed partial class GuidePageTests
{
    private static readonly string Page = File.ReadAllText(
            Path.Combine(TestPaths.RepositoryRoot, "docs", "guide", "files-and-workstreams.md"))
        .ReplaceLineEndings("\n");

    [Fact]
    public void Every_example_is_read_as_what_it_stands_for()
    {
        Assert.Equal("trade_fair", Workstream.Parse(Encoding.UTF8.GetBytes(Example("Workstreams")), "guide").Name);
        Assert.Equal(3, PipelineDefinition.Parse(Example("Pipelines")).Stages.Count);
        Assert.Equal("acme", ClientDefinition.Parse(Example("Clients")).Slug);
        Assert.Equal("final_leads", Projection.Parse(Example("Projections")).Name);
    }

    [Fact]
    public void Every_condition_of_the_reference_is_one()
    {
        var page = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "docs", "reference", "conditions.md"));
        var conditions = FieldCondition().Matches(page).Select(match => match.Groups["json"].Value).ToList();

        Assert.Equal(6, conditions.Count);
        Assert.All(conditions, json => Assert.Equal(Compact(json), Condition.Parse(json).ToString()));
    }

    [Fact]
    public void The_page_lists_the_encodings_that_are_read()
    {
        var list = Encodings().Match(Page).Groups["list"].Value;

        // windows-1250, -1251: a name that begins with a hyphen continues the family of the one before.
        var family = "";
        var names = list.Split(',', StringSplitOptions.TrimEntries).Select(name => name.Split('(', ' ')[0].Split('\n')[0]).Select(name =>
        {
            family = name.StartsWith('-') ? family : name[..(name.LastIndexOf('-') is > 0 and var hyphen ? hyphen : name.Length)];
            return name.StartsWith('-') ? family + name : name;
        });
        Assert.Equal(TextEncodings.Tested, names);
    }

    private static string Example(string heading)
    {
        var section = Page[Page.IndexOf($"\n## {heading}\n", StringComparison.Ordinal)..];
        return Block().Match(section).Groups["json"].Value;
    }

    private static string Compact(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);

    [GeneratedRegex(@"^```json\n(?<json>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"`(?<json>\{""field"".*?\})`")]
    private static partial Regex FieldCondition();

    [GeneratedRegex(@"no other is accepted:\n(?<list>[^.]*?)\.", RegexOptions.Singleline)]
    private static partial Regex Encodings();
}
