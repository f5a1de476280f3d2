namespace Enrichment.Cli.Files;

/// <summary>Symbolic links of a file's path.</summary>
internal static class Links
{
    /// <summary>The path of the file to which a chain of links leads, there or not; the path itself if it is no link.</summary>
    /// <exception cref="IOException">The links form a circle.</exception>
    public static string Resolve(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
}
