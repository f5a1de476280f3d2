namespace Enrichment.Cli.Files;

/// <summary>
/// A path as the file that it leads to, or would make: two paths that reach one file are the same place, also before there is a file.
/// </summary>
internal sealed class Place
{
    private static readonly StringComparison Names = OperatingSystem.IsLinux()
        ? StringComparison.Ordinal
        : StringComparison.OrdinalIgnoreCase;
    private readonly FileIdentity? file;
    private readonly FileIdentity? folder;
    private readonly string name;

    /// <param name="path">Relative to the current folder; links are followed.</param>
    public Place(string path)
    {
        var full = Links.Resolve(Path.GetFullPath(path));
        file = FileIdentity.Of(full);
        folder = FileIdentity.Of(Path.GetDirectoryName(full) ?? full);
        name = Path.GetFileName(full);
    }

    public bool Is(Place other) =>
        (file is not null && file == other.file) || (folder is not null && folder == other.folder && name.Equals(other.name, Names));
}
