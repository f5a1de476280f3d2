namespace Enrichment.Cli.Files;

/// <summary>Files that someone may have meant by a path at which there is none.</summary>
internal static class NearestFile
{
    /// <summary>
    /// A sentence that begins with a blank and asks for the files of nearly that name in the same folder; empty if there are none.
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
