namespace Enrichment.Storage;

/// <summary>Files and folders that hold personal data: where the platform has file modes, only their owner may read them.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a file that is not there yet. A link of that name, wherever it leads, counts as there.</summary>
    /// <exception cref="IOException">The name is taken.</exception>
    public static FileStream Create(
        string path,
        FileOptions options = FileOptions.None,
        FileShare share = FileShare.Read,
        int bufferSize = 4096)
    {
        var how = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = share,
            Options = options,
            BufferSize = bufferSize,
        };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = Owner;
        }

        return new(path, how);
    }

    /// <summary>Makes a folder if it does not exist; an existing one stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, Owner | UnixFileMode.UserExecute);
        }
    }
}
