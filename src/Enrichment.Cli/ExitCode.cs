namespace Enrichment.Cli;

/// <summary>How a command ended, for scripts. Documented in the README; never renumbered.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command did its work, and there is something to look at: failed items, or findings of the doctor.</summary>
    public const int Findings = 1;

    /// <summary>The command line, a file or an id is wrong: nothing was done, and repeating it as it is will not help.</summary>
    public const int BadInput = 2;

    /// <summary>The store could not be reached or did not answer: repeating may help.</summary>
    public const int StoreUnreachable = 3;

    /// <summary>A fault of the program itself (EX_SOFTWARE of sysexits.h).</summary>
    public const int Bug = 70;

    /// <summary>Stopped by Ctrl-C or SIGTERM before the end, as shells count it; what was done is kept.</summary>
    public const int Interrupted = 130;
}
