using System.Reflection;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>A project that ships: every folder below src and providers.</summary>
public sealed record Package(string Name, string Folder)
{
    public static IReadOnlyList<Package> All { get; } =
    [
        .. new[] { "src", "providers" }
            .SelectMany(parent => Directory.GetDirectories(Path.Combine(TestPaths.RepositoryRoot, parent)))
            .SelectMany(folder => Directory.GetFiles(folder, "*.csproj"))
            .Select(project => new Package(Path.GetFileNameWithoutExtension(project), Path.GetDirectoryName(project)!))
            .OrderBy(package => package.Name, StringComparer.Ordinal),
    ];

    /// <summary>For theories: one case a package, shown by name.</summary>
    public static TheoryData<string> Names => [.. All.Select(package => package.Name)];

    public string ProjectFile => Path.Combine(Folder, $"{Name}.csproj");

    /// <summary>The compiled assembly, which stands beside this test's own.</summary>
    public Assembly Assembly => Assembly.Load(Name);

    public static Package Named(string name) => All.Single(package => package.Name == name);

    /// <summary>The hand-written sources, without what the compiler leaves in bin and obj.</summary>
    public IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Folder, pattern, SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(Folder, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));
}
