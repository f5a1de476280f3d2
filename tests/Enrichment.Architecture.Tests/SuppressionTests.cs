using System.Text.RegularExpressions;
using System.Xml.Linq;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>A warning that is switched off says why, where it is switched off.</summary>
public sealed partial class SuppressionTests
{
    [Fact]
    public void Each_warning_switched_off_for_a_project_has_its_reason_in_a_comment()
    {
        var root = TestPaths.RepositoryRoot;
        var files = new[] { "*.props", "*.targets", "*.csproj" }
            .SelectMany(pattern => Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

        Faults.AssertNone(
            files.SelectMany(file =>
                Unexplained(XDocument.Load(file))
                    .Select(code => $"{Path.GetRelativePath(root, file)}: {code} needs <!-- {code}: the reason -->")));
    }

    [Fact]
    public void A_code_without_a_comment_is_found()
    {
        var project = XDocument.Parse(
            """
            <Project>
              <!-- CA1000: because. -->
              <PropertyGroup><NoWarn>$(NoWarn);CA1000;CA2000</NoWarn></PropertyGroup>
              <ItemGroup><PackageReference Include="X" NoWarn="NU1608" /></ItemGroup>
            </Project>
            """);

        Assert.Equal(["CA2000", "NU1608"], Unexplained(project));
    }

    private static IEnumerable<string> Unexplained(XDocument project)
    {
        var comments = string.Join('\n', project.DescendantNodes().OfType<XComment>().Select(comment => comment.Value));
        var codes = project
            .Descendants()
            .SelectMany(element =>
                element
                    .Attributes()
                    .Where(a => IsSuppression(a.Name))
                    .Select(a => a.Value)
                    .Append(IsSuppression(element.Name) ? element.Value : ""))
            .SelectMany(value => Code().Matches(value).Select(match => match.Value));
        return codes.Where(code => !Regex.IsMatch(comments, $@"\b{code}: \S"));
    }

    private static bool IsSuppression(XName name) => name.LocalName is "NoWarn" or "WarningsNotAsErrors";

    [GeneratedRegex("[A-Z]+[0-9]+")]
    private static partial Regex Code();
}
