using System.Runtime.InteropServices;
using System.Text;

namespace Enrichment.Sqlite;

/// <summary>The identity of the file at a path.</summary>
/// <param name="Device">The file system's number.</param>
/// <param name="Number">The file's number there.</param>
internal readonly record struct DatabaseFileIdentity(ulong Device, ulong Number)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint Wanted = 0x104; // STATX_INO | STATX_NLINK

    /// <summary>
    /// Null if there is no file. Elsewhere than on Linux every file has the same identity, so that only a missing one is told.
    /// </summary>
    /// <param name="path">The path; links are followed.</param>
    /// <param name="names">How many names the file has: hard links.</param>
    public static DatabaseFileIdentity? Of(string path, out uint names)
    {
        names = 1;
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return Stat(path, out names);
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before statx: as on other platforms.
            }
        }

        return File.Exists(path) ? new(0, 0) : null;
    }

    // The layout is the kernel's, the same for every processor: https://man7.org/linux/man-pages/man2/statx.2.html
    private static DatabaseFileIdentity? Stat(string path, out uint names)
    {
        var stat = new byte[256];
        names = 1;
        if (StatX(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, Wanted, stat) != 0)
        {
            return null;
        }

        names = MemoryMarshal.Read<uint>(stat.AsSpan(16));
        return new(
            ((ulong)MemoryMarshal.Read<uint>(stat.AsSpan(136)) << 32) | MemoryMarshal.Read<uint>(stat.AsSpan(140)),
            MemoryMarshal.Read<ulong>(stat.AsSpan(32)));
    }

    [DllImport("libc", EntryPoint = "statx", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] stat);
}
