namespace Enrichment.Cli;

/// <summary>How a command ended, for scripts. Documented in the README; never renumbered.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command did its work, and there is something to look at: failed items, or findings of the doctor.</summary>
    public const int Findings = 1;

    /// <summary>
    /// The command line, a file, a name or an id is wrong: repeating it as it is will not help. No batch was made or changed.
    /// </summary>
    public const int BadInput = 2;

    /// <summary>The store could not be reached, read or written: once that is mended, repeating helps.</summary>
    public const int StoreUnreachable = 3;

    /// <summary>
    /// A file or standard output could not be written to its end, such as on a full disk. Nothing was replaced; once that is mended,
    /// repeating helps.
    /// </summary>
    public const int OutputFailed = 4;

    /// <summary>A fault of the program itself (EX_SOFTWARE of sysexits.h).</summary>
    public const int Bug = 70;

    /// <summary>Stopped by Ctrl-C or SIGTERM before the end, as shells count it; what was done is kept.</summary>
    public const int Interrupted = 130;

    /// <summary>The program that read standard output ended first, as <c>head</c> does; as shells count it (128 and SIGPIPE).</summary>
    public const int ReaderGone = 141;
}
