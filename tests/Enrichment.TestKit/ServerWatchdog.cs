using System.Diagnostics;

namespace Enrichment.TestKit;

/// <summary>
/// A shell that waits for the end of its standard input, then stops a server and removes its folder. The other end
/// of that pipe is held by this process alone, and the kernel closes it however the process ends: by return, by
/// Ctrl-C or by kill -9. So nothing has to be swept up later.
/// </summary>
internal sealed class ServerWatchdog : IAsyncDisposable
{
    private const string Script =
        """
        trap '' INT TERM HUP
        exec >/dev/null 2>&1
        folder=$1
        shift
        cat
        "$@"
        rm -rf -- "$folder"
        """;

    private readonly Process shell;

    private ServerWatchdog(Process shell) => this.shell = shell;

    public static ServerWatchdog Start(string folder, string[] stop)
    {
        // A session of its own, where there is setsid, keeps it out of the reach of a kill of the whole process group.
        string[] session = File.Exists("/usr/bin/setsid") ? ["/usr/bin/setsid", "sh"] : ["sh"];
        string[] command = [.. session, "-c", Script, "enrichment-server-watchdog", folder, .. stop];
        var shell = Process.Start(
            new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, WorkingDirectory = "/" });
        return new ServerWatchdog(
            shell ?? throw new InvalidOperationException("The watchdog shell of a throwaway server could not be started."));
    }

    public async ValueTask DisposeAsync()
    {
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
        shell.Dispose();
    }
}
