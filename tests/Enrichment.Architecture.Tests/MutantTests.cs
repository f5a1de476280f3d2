using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>Every patch below tests/mutants still breaks the code that is there, so that a rebuilt rule does not lose its proof.</summary>
public sealed class MutantTests
{
    // xunit cuts an argument in a test's display name after so many characters: a longer filter matches nothing.
    private const int ShownOfAClaim = 50;

    private static readonly string Folder = Path.Combine(TestPaths.RepositoryRoot, "tests", "mutants");

    public static TheoryData<string> Patches =>
        [.. Directory.EnumerateFiles(Folder, "*.patch").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Patches))]
    public void A_mutant_applies_to_the_code(string patch)
    {
        var text = File.ReadAllText(Path.Combine(Folder, patch)).ReplaceLineEndings("\n");

        Assert.All(text.Split("\n--- a/")[1..], change =>
        {
            var file = change[..change.IndexOf('\n', StringComparison.Ordinal)];
            var code = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, file)).ReplaceLineEndings("\n");
            Assert.All(change.Split("\n@@ ")[1..], hunk => Assert.Contains(Before(hunk), code, StringComparison.Ordinal));
        });
    }

    [Theory]
    [MemberData(nameof(Patches))]
    public void The_tests_that_a_mutant_names_are_there(string patch)
    {
        var sources = Directory.EnumerateFiles(Path.Combine(TestPaths.RepositoryRoot, "tests"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .ToList();

        var named = File.ReadLines(Path.Combine(Folder, patch))
            .Where(line => line.StartsWith("Test: ", StringComparison.Ordinal))
            .Select(line => line.Split('~')[1].Split('&')[0].Split('.')[^1])
            .ToList();
        Assert.DoesNotContain(named, test => test.Contains(' ', StringComparison.Ordinal) && test.Length > ShownOfAClaim);
        Assert.All(named, test => Assert.Contains(sources, source => source.Contains(test.Replace(' ', '_'), StringComparison.Ordinal)));
    }

    private static string Before(string hunk) =>
        string.Join(
            '\n',
            hunk.TrimEnd('\n')
                .Split('\n')[1..]
                .TakeWhile(line => !line.StartsWith("diff ", StringComparison.Ordinal))
                .Where(line => line.Length == 0 || line[0] is ' ' or '-')
                .Select(line => line.Length == 0 ? line : line[1..]));
}
