using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>Pages must not point into the void, and what they show as code must compile.</summary>
public sealed partial class DocsTests
{
    private static readonly string Root = TestPaths.RepositoryRoot;
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", ".git"];

    [Fact]
    public void Every_relative_link_leads_to_a_file_and_to_a_heading_of_it() => Faults.AssertNone(
        from page in Pages()
        from Match link in Link().Matches(Prose(page))
        let target = Uri.UnescapeDataString(link.Groups["target"].Value)
        where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
        let fault = LinkFault(page, target)
        where fault is not null
        select $"{Name(page)}: {fault}");

    [Fact]
    public void Every_path_of_the_repository_that_a_page_names_exists() => Faults.AssertNone(
        from page in Pages()
        from Match path in RepositoryPath().Matches(Prose(page))
        where !path.Value.Contains('*', StringComparison.Ordinal) && !Path.Exists(Path.Combine(Root, path.Value))
        select $"{Name(page)}: there is no {path.Value}");

    [Fact]
    public void Every_snippet_of_the_documentation_stands_in_code_that_is_compiled()
    {
        string[] compiled = [.. Sources().Select(file => Squeezed(File.ReadAllText(file)))];

        Faults.AssertNone(
            from page in Pages().Where(page => Name(page).StartsWith("docs/", StringComparison.Ordinal) || Name(page) == WholeHost)
            from Match snippet in Snippet().Matches(File.ReadAllText(page).ReplaceLineEndings("\n"))
            let code = Squeezed(Using().Replace(snippet.Groups["code"].Value, ""))
            where !compiled.Any(source => source.Contains(code, StringComparison.Ordinal))
            select $"{Name(page)}: this stands in no C# file below samples/ or tests/:\n{snippet.Groups["code"].Value}");
    }

    [Fact]
    public void Every_page_names_the_namespaces_of_the_code_that_it_shows()
    {
        var types = Package.All.SelectMany(package => package.Assembly.GetExportedTypes()).Where(type => !type.IsNested).ToList();
        var byName = types.Where(type => !IsExtensions(type)).ToLookup(type => Plain(type.Name), type => type.Namespace!);
        var byMethod = types
            .Where(IsExtensions)
            .SelectMany(type =>
                type.GetMethods()
                    .Where(method => method.IsDefined(typeof(ExtensionAttribute), inherit: false))
                    .Select(method => (method.Name, type.Namespace)))
            .ToLookup(method => method.Name, method => method.Namespace!);

        Faults.AssertNone(
            from page in Pages()
            let text = File.ReadAllText(page).ReplaceLineEndings("\n")
            let code = string.Concat(Snippet().Matches(text).Select(snippet => snippet.Groups["code"].Value))
            let declared = Declaration().Matches(code).Select(type => type.Groups["name"].Value).ToHashSet(StringComparer.Ordinal)
            from needed in TypeName()
                .Matches(code)
                .Select(name => name.Value)
                .Except(declared)
                .SelectMany(name => byName[name])
                .Concat(MethodName().Matches(code).SelectMany(name => byMethod[name.Groups["name"].Value]))
                .Distinct()
            where
                needed != ImplicitInHosts
                && !text.Contains($"using {needed};", StringComparison.Ordinal)
                && !text.Contains($"`{needed}`", StringComparison.Ordinal)
            select $"{Name(page)}: its code needs using {needed};");
    }

    // It shows a host that a reader copies as a whole; the program that uses the packages as a stranger runs it.
    private const string WholeHost = "src/Enrichment.Leads/README.md";

    // Projects of Microsoft.NET.Sdk.Web and Microsoft.NET.Sdk.Worker use it without saying so.
    private const string ImplicitInHosts = "Microsoft.Extensions.DependencyInjection";

    private static bool IsExtensions(Type type) => type.IsDefined(typeof(ExtensionAttribute), inherit: false);

    /// <summary>As code names a type: without the number of its parameters, an attribute without its suffix.</summary>
    private static string Plain(string name) =>
        name.Split('`')[0] is var plain && plain.EndsWith("Attribute", StringComparison.Ordinal) ? plain[..^"Attribute".Length] : plain;

    private static IEnumerable<string> Pages() => Files("*.md").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Sources() => Files("*.cs").Where(file => Name(file) is var name
        && (name.StartsWith("samples/", StringComparison.Ordinal) || name.StartsWith("tests/", StringComparison.Ordinal)));

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Where(file => !Name(file).Split('/').Any(NotOurs.Contains));

    private static string Name(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    /// <summary>A page without its blocks of code, in which brackets are not links.</summary>
    private static string Prose(string page) => Fence().Replace(File.ReadAllText(page).ReplaceLineEndings("\n"), "");

    /// <summary>Code without its white space, so that a snippet may stand at another depth than in its file.</summary>
    private static string Squeezed(string code) => WhiteSpace().Replace(code, "");

    private static string? LinkFault(string page, string target)
    {
        var parts = target.Split('#', 2);
        var file = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
        if (!Path.Exists(file))
        {
            return $"the link '{target}' leads nowhere";
        }

        return parts.Length == 2 && !Heading().Matches(Prose(file)).Any(heading => Anchor(heading.Groups["text"].Value) == parts[1])
            ? $"the link '{target}' leads to no heading of its file"
            : null;
    }

    // As the forges make them: lower case, blanks as hyphens, all else but letters, digits, hyphens and underscores dropped.
    private static string Anchor(string heading) => NoAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\[[^\]\n]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![\w/.:-])(src|tests|providers|samples|docs)/[\w.*/-]*[\w*/]")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"^using [\w.]+;\n", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"\b(class|record|struct|enum|interface) (?<name>\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![.\w""])[A-Z]\w+")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\.(?<name>[A-Z]\w+)")]
    private static partial Regex MethodName();

    [GeneratedRegex(@"^[ ]*```.*?^[ ]*```[ ]*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
