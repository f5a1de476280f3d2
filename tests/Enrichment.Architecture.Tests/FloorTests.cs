using System.Text.RegularExpressions;

namespace Enrichment.Architecture.Tests;

/// <summary>The folders of the core are floors: each knows only the floors below it. Read from the sources.</summary>
public sealed partial class FloorTests
{
    // From the ground up; "" is what stands in no folder, the front door.
    private static readonly string[] Floors =
    [
        "Errors",
        "Json",
        "Model",
        "Configuration",
        "Storage",
        "Ingestion",
        "Pipelines",
        "Providers",
        "Plans",
        "Diagnostics",
        "Consolidation",
        "Drift",
        "Steps",
        "RateLimiting",
        "Outcomes",
        "External",
        "Callbacks",
        "Entities",
        "Execution",
        "Timers",
        "Retention",
        "Scheduling",
        "Hosting",
        "",
    ];

    // Their types are in the namespace Enrichment, as every page of the documentation needs them.
    private static readonly string[] WithoutNamespace = ["Errors", "Model", "Configuration", ""];

    private static readonly Package Core = Package.Named("Enrichment");

    [Fact]
    public void Every_folder_of_the_core_is_a_floor() =>
        Faults.AssertNone(
            Core.Files("*.cs")
                .Select(FloorOf)
                .Distinct()
                .Except(Floors)
                .Select(folder => $"{folder} has no place among the floors of FloorTests"));

    [Fact]
    public void A_floor_knows_only_the_floors_below_it() => Faults.AssertNone(
        from file in Core.Files("*.cs")
        let floor = Array.IndexOf(Floors, FloorOf(file))
        from used in Using().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Distinct()
        where Array.IndexOf(Floors, used) > floor
        select $"{Path.GetRelativePath(Core.Folder, file)} is below {used} and must not know it");

    [Fact]
    public void No_floor_knows_the_front_door()
    {
        string[] door = [.. Core.Files("*.cs").Where(file => FloorOf(file).Length == 0).SelectMany(Declared)];

        Faults.AssertNone(
            from file in Core.Files("*.cs").Where(file => FloorOf(file).Length > 0)
            let words = Word().Matches(Code(file)).Select(match => match.Value).ToHashSet(StringComparer.Ordinal)
            from type in door.Where(words.Contains)
            select $"{Path.GetRelativePath(Core.Folder, file)} must not know {type}");
    }

    [Fact]
    public void A_namespace_is_named_as_its_folder() =>
        Faults.AssertNone(
            from file in Core.Files("*.cs")
            let floor = FloorOf(file)
            let expected = WithoutNamespace.Contains(floor) ? "Enrichment" : $"Enrichment.{floor}"
            let actual = Namespace().Match(File.ReadAllText(file)).Groups[1].Value
            where
                actual != expected
                && !actual.StartsWith(expected + ".", StringComparison.Ordinal)
                && actual != "Microsoft.Extensions.DependencyInjection"
            select $"{Path.GetRelativePath(Core.Folder, file)} is in the namespace {actual}, not {expected}");

    private static string FloorOf(string file) =>
        Path.GetRelativePath(Core.Folder, file).Split(Path.DirectorySeparatorChar) is [var folder, _, ..] ? folder : "";

    private static IEnumerable<string> Declared(string file) =>
        Declaration().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value);

    private static string Code(string file) => Text().Replace(Comment().Replace(File.ReadAllText(file), ""), "");

    [GeneratedRegex(@"^using (?:static )?Enrichment\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:public|internal)[\w ]* (?:class|interface|enum|record struct|record|struct) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex("\"[^\"\n]*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w*")]
    private static partial Regex Word();
}
