namespace Enrichment.Cli.Files;

/// <summary>Files that may be meant by a path without a file.</summary>
internal static class NearestFile
{
    /// <summary>
    /// A sentence that begins with a blank and suggests files of nearly that name in the same folder; empty if there are none.
    /// </summary>
    public static string Hint(string path) =>
        Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder)
            ? Nearest.Hint(
                Path.GetFileName(path),
                Directory
                    .EnumerateFiles(folder, $"*{Path.GetExtension(path)}", new EnumerationOptions())
                    .Select(file => Path.GetFileName(file)))
            : "";
}
