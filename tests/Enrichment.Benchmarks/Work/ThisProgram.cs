using System.Diagnostics;

namespace Enrichment.Benchmarks.Work;

/// <summary>This program again, in a process of its own that is spoken with by lines.</summary>
internal static class ThisProgram
{
    public static Process Start(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        string[] entry = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        return Process.Start(
            new ProcessStartInfo(program, [.. entry, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }
}
