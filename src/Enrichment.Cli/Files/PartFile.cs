using System.Security.Cryptography;

namespace Enrichment.Cli.Files;

/// <summary>
/// A file in the making, beside the one that it becomes: readable by its owner alone, under a name that cannot be guessed.
/// </summary>
internal static class PartFile
{
    private const int RandomBytes = 8;
    private const string Suffix = ".part";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="target">The file's full path, links resolved.</param>
    /// <exception cref="EnrichmentException">The folder is not writable.</exception>
    public static FileStream Create(string target)
    {
        Sweep(target);
        while (true)
        {
            var path = $"{target}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}{Suffix}";
            try
            {
                return new(path, Options(File.Exists(target) && !OperatingSystem.IsWindows() ? File.GetUnixFileMode(target) : OwnerOnly));
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new EnrichmentException($"The output '{target}' cannot be written: {exception.Message}", exception);
            }
            catch (IOException) when (File.Exists(path))
            {
                // The name is taken, or another run's sweep locked the new file before this process could: another name.
            }
        }
    }

    // The files of runs that were killed. A living run holds a lock on its own; the lock ends with the process.
    private static void Sweep(string target)
    {
        var (folder, name) = (Path.GetDirectoryName(target)!, Path.GetFileName(target));
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => IsPartOf(name, Path.GetFileName(path))))
        {
            try
            {
                using var unlocked = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It belongs to a run that lives, or to another user.
            }
        }
    }

    private static bool IsPartOf(string name, string candidate) =>
        candidate.Length == name.Length + 1 + (2 * RandomBytes) + Suffix.Length
        && candidate.StartsWith(name + ".", StringComparison.Ordinal)
        && candidate.EndsWith(Suffix, StringComparison.Ordinal)
        && candidate.Skip(name.Length + 1).Take(2 * RandomBytes).All(char.IsAsciiHexDigitLower);

    private static FileStreamOptions Options(UnixFileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 1 << 16,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        return options;
    }
}
