using System.Diagnostics;
using System.Text.Json;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>The built tool, run as its users run it: a process of its own in a folder of its own.</summary>
internal static class Tool
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static readonly string Assembly = Path.Combine("src", "Enrichment.Cli", "bin", Configuration, "net10.0", "Enrichment.Cli.dll");

    /// <summary>The tool as a shell calls it.</summary>
    public static string CommandLine { get; } =
        $"env -u ENRICHMENT_STORE DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=false dotnet '{Path.Combine(TestPaths.RepositoryRoot, Assembly)}'";

    public static Task<ToolRun> RunAsync(string folder, params string[] arguments) => RunAsync(Start(folder, arguments));

    /// <summary>The same with something on its standard input, which is a pipe.</summary>
    public static Task<ToolRun> RunWithInputAsync(string folder, string input, params string[] arguments) =>
        RunAsync(Start(Assembly, folder, arguments, input));

    /// <summary>The same for a program of the samples.</summary>
    public static Task<ToolRun> RunSampleAsync(string name, string folder) =>
        RunAsync(Start(Path.Combine("samples", name, "bin", Configuration, "net10.0", $"{name}.dll"), folder, []));

    public static Process Start(string folder, params string[] arguments) =>
        Start(Assembly, folder, arguments);

    public static async Task<ToolRun> RunAsync(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return new(process.ExitCode, await output, await error);
        }
    }

    /// <summary>Sends a signal by its name, such as TERM or KILL.</summary>
    public static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private static Process Start(string assembly, string folder, string[] arguments, string input = "")
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(TestPaths.RepositoryRoot, assembly), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ENRICHMENT_STORE");
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "false";
        var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process;
    }
}

/// <summary>How a process ended and what it wrote.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as the one JSON object that it has to be.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public ToolRun Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Error}");
        return this;
    }
}
