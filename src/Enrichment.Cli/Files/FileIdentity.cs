using System.Runtime.InteropServices;
using System.Text;

namespace Enrichment.Cli.Files;

/// <summary>
/// Which file a path leads to, whatever the path is called: two hard links, a link and its target, or two spellings of one path are equal.
/// </summary>
/// <remarks>On Linux the device and the inode, asked of the kernel. Elsewhere the path behind all links.</remarks>
/// <param name="Key">Equal for the same file and different for two that exist at the same time.</param>
/// <param name="IsRegular">False for a device, a pipe, a socket or a folder.</param>
internal sealed record FileIdentity(string Key, bool IsRegular)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint BasicStats = 0x7ff;  // STATX_BASIC_STATS
    private const int StatxBytes = 256;
    private const int TypeMask = 0xF000;    // S_IFMT
    private const int Regular = 0x8000;     // S_IFREG

    /// <summary>Follows links. Null if nothing is there, or nothing that this user may look at.</summary>
    public static FileIdentity? Of(string path) =>
        OperatingSystem.IsLinux() ? FromKernel(path)
        : Path.Exists(path)
            ? new(Links.Resolve(Path.GetFullPath(path)), File.Exists(path) && !path.StartsWith("/dev/", StringComparison.Ordinal))
        : null;

    /// <summary>
    /// What an open descriptor of this process refers to: 1 is standard output, 2 standard error. Null where that cannot be told.
    /// </summary>
    public static FileIdentity? OfDescriptor(int descriptor) =>
        OperatingSystem.IsLinux() ? FromKernel($"/proc/self/fd/{descriptor}") : null;

    private static FileIdentity? FromKernel(string path)
    {
        // struct statx of linux/stat.h has one layout on every architecture: mode at 28, inode at 32, device at 136.
        var stat = new byte[StatxBytes];
        if (Statx(CurrentFolder, [.. Encoding.UTF8.GetBytes(path), 0], 0, BasicStats, stat) != 0)
        {
            return null;
        }

        var mode = BitConverter.ToUInt16(stat, 28);
        return new(
            $"{BitConverter.ToUInt32(stat, 136)}:{BitConverter.ToUInt32(stat, 140)}:{BitConverter.ToUInt64(stat, 32)}",
            (mode & TypeMask) == Regular);
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, byte[] stat);
}
