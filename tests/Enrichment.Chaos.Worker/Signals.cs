using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Enrichment.Chaos.Worker;

/// <summary>kill(2). The numbers are those of Linux on x86 and ARM: signal(7).</summary>
public static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <exception cref="Win32Exception">There is no such process.</exception>
    public static void Send(int process, int signal)
    {
        if (NativeKill(process, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Signal {signal} did not reach process {process}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int process, int signal);
}
