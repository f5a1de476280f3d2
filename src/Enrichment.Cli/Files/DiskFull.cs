namespace Enrichment.Cli.Files;

/// <summary>The system's error that a disk, or a user's share of it, is full.</summary>
internal static class DiskFull
{
    private const int NoSpace = 28,
        Quota = 122,
        WindowsDiskFull = unchecked((int)0x80070070),
        WindowsHandleDiskFull = unchecked((int)0x80070027);

    public static bool Is(IOException exception) => exception.HResult is NoSpace or Quota or WindowsDiskFull or WindowsHandleDiskFull;
}
