using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>The shape of the house: folders, types and what every package brings along.</summary>
public sealed partial class HouseTests
{
    // Public classes that are neither sealed nor static, each made for extension, with the reason.
    private static readonly Dictionary<string, string> MadeForExtension = new()
    {
        ["Enrichment.AttemptContext"] = "what a poll or a delivery is about; a call knows the record as well",
        ["Enrichment.EnrichmentException"] = "the base of every refusal that the engine explains",
    };

    // A text may be longer: a sentence that is cut in two cannot be searched for. What a page shows is laid out as the page has it.
    [Fact]
    public void No_line_of_code_has_more_than_140_columns() =>
        Faults.AssertNone(
            from folder in new[] { "src", "providers", "tests", "samples" }
            from file in Directory.EnumerateFiles(Path.Combine(TestPaths.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories)
            where !Generated().IsMatch(file) && !Shown().IsMatch(file)
            from line in RawText()
                .Replace(File.ReadAllText(file), match => new string('\n', match.Value.Count(c => c == '\n')) + '"')
                .Split('\n')
                .Index()
            where line.Item.Length > 140 && !line.Item.Contains('"') && !line.Item.StartsWith("#pragma", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(TestPaths.RepositoryRoot, file)}, line {line.Index + 1} has {line.Item.Length} columns");

    // Longer ones hold more than one thing that can be found by its name.
    [Fact]
    public void No_file_has_more_than_400_lines() => Faults.AssertNone(
        from folder in new[] { "src", "providers", "tests", "samples" }
        from file in Directory.EnumerateFiles(Path.Combine(TestPaths.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories)
        where !Generated().IsMatch(file)
        let lines = File.ReadLines(file).Count()
        where lines > 400
        select $"{Path.GetRelativePath(TestPaths.RepositoryRoot, file)} has {lines} lines");

    // Alarms name them.
    [Fact]
    public void The_number_of_a_log_event_is_used_once() => Faults.AssertNone(
        from package in Package.All
        from file in package.Files("*.cs")
        from number in LogEvent().Matches(File.ReadAllText(file)).GroupBy(match => match.Groups[1].Value)
        where number.Count() > 1
        select $"{Path.GetRelativePath(TestPaths.RepositoryRoot, file)} has {number.Count()} events {number.Key}");

    [Theory]
    [MemberData(nameof(Package.Names), MemberType = typeof(Package))]
    public void A_package_is_named_as_its_folder_and_assembly(string name)
    {
        var package = Package.Named(name);

        Assert.Equal(name, Path.GetFileName(package.Folder));
        Assert.Equal(name, package.Assembly.GetName().Name);
    }

    [Theory]
    [MemberData(nameof(Package.Names), MemberType = typeof(Package))]
    public void A_package_tells_a_stranger_what_it_is(string name)
    {
        var package = Package.Named(name);
        var readme = Path.Combine(package.Folder, "README.md");

        Assert.True(File.Exists(readme), $"{name} needs a README.md beside its project file: it is shown where the package is offered.");
        Assert.StartsWith($"# {name}\n", File.ReadAllText(readme).ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains(XDocument.Load(package.ProjectFile).Descendants("Description"), description => description.Value.Length > 0);
    }

    [Theory]
    [InlineData("src")]
    [InlineData("providers")]
    public void Packages_bring_their_icon_and_name_no_machine(string folder)
    {
        var root = TestPaths.RepositoryRoot;
        var (all, shipped) = (
            XDocument.Load(Path.Combine(root, "Directory.Build.props")),
            XDocument.Load(Path.Combine(root, folder, "Directory.Build.props")));

        var icon = Assert.Single(all.Descendants("PackageIcon")).Value;
        Assert.True(File.ReadAllBytes(Path.Combine(root, icon)).AsSpan()[1..].StartsWith("PNG"u8), $"{icon} is no PNG.");
        Assert.Contains(
            shipped.Descendants("None"),
            file =>
                file.Attribute("Include")!.Value.EndsWith("/" + icon, StringComparison.Ordinal) && file.Attribute("Pack")!.Value == "true");
        Assert.All(
            new[] { "RepositoryUrl", "PackageProjectUrl", "PublishRepositoryUrl" },
            name =>
                Assert.All(
                    all.Descendants(name).Concat(shipped.Descendants(name)),
                    url => Assert.StartsWith("https://", url.Value, StringComparison.Ordinal)
                ));
    }

    // A feed shows the README without the repository around it.
    [Theory]
    [MemberData(nameof(Package.Names), MemberType = typeof(Package))]
    public void A_packages_readme_has_no_link_that_is_broken_outside_the_repository(string name) =>
        Faults.AssertNone(
            Regex
                .Matches(File.ReadAllText(Path.Combine(Package.Named(name).Folder, "README.md")), @"\]\((?!https://|#)[^)]*\)")
                .Select(link => $"{name}: {link.Value}: name the file in words, or give an absolute address"));

    [Fact]
    public void The_solution_filter_packs_every_package_and_nothing_else()
    {
        using var filter = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "Enrichment.Packages.slnf")));
        var listed = filter
            .RootElement.GetProperty("solution")
            .GetProperty("projects")
            .EnumerateArray()
            .Select(project => Path.GetFileNameWithoutExtension(project.GetString()!.Replace('\\', '/')));

        Assert.Equal(Package.All.Select(package => package.Name).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Package.Names), MemberType = typeof(Package))]
    public void A_public_class_is_sealed_static_or_abstract(string name)
    {
        var open = Package
            .Named(name)
            .Assembly.GetExportedTypes()
            .Where(type =>
                type is { IsClass: true, IsSealed: false, IsAbstract: false }
                && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
            .Select(type => type.FullName!);

        Faults.AssertNone(open.Except(MadeForExtension.Keys));
    }

    [Fact]
    public void Every_test_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "Enrichment.sln"));
        var projects = Directory
            .GetFiles(Path.Combine(TestPaths.RepositoryRoot, "tests"), "*.Tests.csproj", SearchOption.AllDirectories)
            .Select(Path.GetFileName);

        Faults.AssertNone(
            projects
                .Where(project => !solution.Contains($"\\{project}\"", StringComparison.Ordinal))
                .Select(project => $"{project} is missing: dotnet sln add it"));
    }

    [Fact]
    public void No_sentence_of_a_library_writes_a_date_in_a_culture_s_calendar() =>
        Faults.AssertNone(
            from package in Package.All.Where(package => package.Name != "Enrichment.Cli") // The tool sets the culture of its process.
            from file in package.Files("*.cs")
            let lines = File.ReadAllLines(file)
            from line in lines.Index()
            where
                DatedSentence().IsMatch(line.Item)
                && !string.Concat(lines[Math.Max(0, line.Index - 2)..(line.Index + 1)])
                    .Contains("CultureInfo.InvariantCulture", StringComparison.Ordinal)
            select $"{Path.GetFileName(file)}, line {line.Index + 1}: a date without CultureInfo.InvariantCulture: {line.Item.Trim()}");

    [Fact]
    public void No_pattern_of_a_library_ends_where_a_line_end_may_follow() =>
        Faults.AssertNone(
            from package in Package.All
            from file in package.Files("*.cs")
            from line in File.ReadAllLines(file).Index()
            where
                line.Item.Contains("Regex", StringComparison.Ordinal)
                && DollarAtEnd().IsMatch(line.Item)
                && !line.Item.Contains("Multiline", StringComparison.Ordinal)
            select $"{Path.GetFileName(file)}, line {line.Index + 1}: '$' also matches before a line end; write \\z: {line.Item.Trim()}");

    [Fact]
    public void The_peers_stand_outside_the_solution_and_name_no_registry()
    {
        var peers = Path.Combine(TestPaths.RepositoryRoot, "tests", "peers");

        Assert.DoesNotContain(
            "Peers.csproj",
            File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "Enrichment.sln")),
            StringComparison.Ordinal);
        Assert.DoesNotContain("\"resolved\"", File.ReadAllText(Path.Combine(peers, "node", "package-lock.json")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(peers, "dotnet", "packages.lock.json")), "The peers in .NET need their lock file.");
    }

    [Fact]
    public void The_program_outside_the_repository_installs_every_library()
    {
        var consumer = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "tests", "consumer", "Consumer.csproj"));
        var libraries = Package.All.Where(package =>
            !File.ReadAllText(package.ProjectFile).Contains("<PackAsTool>true", StringComparison.Ordinal));

        Faults.AssertNone(
            libraries
                .Where(package => !consumer.Contains($"Include=\"{package.Name}\"", StringComparison.Ordinal))
                .Select(package => $"tests/consumer does not install {package.Name}"));
    }

    [GeneratedRegex(@"LoggerMessage\(\s*(?:EventId = )?(\d+)")]
    private static partial Regex LogEvent();

    [GeneratedRegex(@"[\\/](obj|bin)[\\/]")]
    private static partial Regex Generated();

    [GeneratedRegex(@"[\\/]tests[\\/].*[\\/](Guide|Readme)[\\/]")]
    private static partial Regex Shown();

    [System.Text.RegularExpressions.GeneratedRegex(@"\{[^{}""]*:(yyyy|dd|HH|u\}|o\}|d\}|R\})")]
    private static partial System.Text.RegularExpressions.Regex DatedSentence();

    [System.Text.RegularExpressions.GeneratedRegex(@"(?<!\\)\$(\)|""[,)\]])")]
    private static partial System.Text.RegularExpressions.Regex DollarAtEnd();

    [GeneratedRegex("\"\"\".*?\"\"\"", RegexOptions.Singleline)]
    private static partial Regex RawText();
}
