using System.Text.RegularExpressions;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests.Readme;

/// <summary>The front page promises nothing that is not there.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "README.md")).ReplaceLineEndings("\n");

    [Theory]
    [InlineData("InitialsProvider.cs", "a provider")]
    [InlineData("EmbeddingTests.cs", "launching")]
    public void Its_code_is_code_that_is_compiled_and_run(string file, string name)
    {
        var source = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "tests", "Enrichment.Cli.Tests", "Readme", file)).ReplaceLineEndings("\n");

        Assert.Contains(Snippet(source, name), Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_that_it_shows_is_the_sample() => Assert.Contains(
        $"```csharp\n{File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "samples", "EmbeddedHost", "Program.cs")).ReplaceLineEndings("\n")}```", Text, StringComparison.Ordinal);

    [Fact]
    public void Every_file_that_it_links_to_is_there()
    {
        var links = Link().Matches(Text).Select(match => match.Groups[1].Value).Where(link => !link.StartsWith("http", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(TestPaths.RepositoryRoot, link)), link));
    }

    [Fact]
    public void Every_command_of_the_tool_that_it_shows_is_one()
    {
        string[] commands = ["init", "run", "upload", "launch", "work", "status", "items", "pause", "resume", "retry", "cancel", "consolidate", "export", "doctor", "db"];

        Assert.All(Command().Matches(Text).Select(match => match.Groups[1].Value), command => Assert.Contains(command, commands));
    }

    private static string Snippet(string source, string name)
    {
        var lines = source.Split('\n');
        var from = Array.FindIndex(lines, line => line.Trim() == $"// <README: {name}>");
        var to = Array.FindIndex(lines, from + 1, line => line.Trim() == "// </README>");
        Assert.True(from >= 0 && to > from, $"no snippet '{name}'");
        var indent = lines[from].Length - lines[from].TrimStart().Length;
        return string.Join('\n', lines[(from + 1)..to].Select(line => line.Length == 0 ? line : line[indent..]));
    }

    [GeneratedRegex(@"\]\(([^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^enrich ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
