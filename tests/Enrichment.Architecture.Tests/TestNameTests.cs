using System.Text.RegularExpressions;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>A test's name is a claim in plain English: short enough to be read at a glance, its subject a thing that acts.</summary>
public sealed partial class TestNameTests
{
    private const int Longest = 90;

    private static readonly string[] NoSubjects = ["What", "Whatever", "Who", "Whoever", "Whom", "Whose", "Nor", "Neither"];

    private static readonly IReadOnlyList<string> Names =
    [
        .. Directory.EnumerateFiles(Path.Combine(TestPaths.RepositoryRoot, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => TestName().Matches(File.ReadAllText(file)).Select(name => name.Groups[1].Value)),
    ];

    [Fact]
    public void A_test_name_has_at_most_90_characters() =>
        Faults.AssertNone(Names.Where(name => name.Length > Longest).Select(name => $"{name}: {name.Length}"));

    [Fact]
    public void A_test_name_begins_with_the_thing_that_acts() =>
        Faults.AssertNone(Names.Where(name => NoSubjects.Contains(name.Split('_')[0])));

    [Fact]
    public void The_names_are_found() => Assert.True(Names.Count > 1000, $"Only {Names.Count} names of tests were found.");

    [GeneratedRegex(@"\bpublic (?:static )?(?:async )?(?:Task|ValueTask|void) ([A-Z][A-Za-z0-9]*_\w+)\(")]
    private static partial Regex TestName();
}
