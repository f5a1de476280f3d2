using System.Text.RegularExpressions;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>A reader who does what the page says sees what the page shows.</summary>
public sealed partial class GuideTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task The_way_from_answers_to_a_table_is_as_the_page_shows_it()
    {
        var page = (await File.ReadAllTextAsync(Path.Combine(TestPaths.RepositoryRoot, "docs", "guide", "from-answers-to-a-table.md")))
            .ReplaceLineEndings("\n");
        Directory.CreateDirectory(workspace.FileNamed("vendors"));
        var (files, commands) = (0, 0);
        foreach (Match block in Block().Matches(page))
        {
            if (block.Groups["file"] is { Success: true, Value: var file })
            {
                workspace.Write(file, block.Groups["text"].Value);
                files++;
                continue;
            }

            foreach (var shown in block.Groups["text"].Value.Split("$ enrich ")[1..])
            {
                var lines = shown.Split('\n', 2);
                var run = (await workspace.EnrichAsync(lines[0].Split(' '))).Succeeded();
                var expected = Regex.Escape(lines[1].TrimEnd()).Replace("…", ".+", StringComparison.Ordinal);
                Assert.Matches($"^{expected}$", run.Output.ReplaceLineEndings("\n").TrimEnd());
                commands++;
            }
        }

        Assert.Equal((6, 9), (files, commands));
    }

    // A block belongs to the file whose name in backticks ends the paragraph before it, with or without a verb.
    [GeneratedRegex(
        "(`(?<file>[a-z./_]+)`( becomes)?:\n\n)?```(csv|json|console)\n(?<text>.*?)```",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
