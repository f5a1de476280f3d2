using System.Diagnostics;
using System.Text.Json.Nodes;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>A process without ICU, as in Alpine's images, whose names and domains would differ from those of other hosts.</summary>
public sealed class GlobalizationTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("enrichment-icu-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("1", 2)]
    [InlineData("0", 0)]
    public async Task A_process_without_ICU_is_refused_in_a_sentence(string invariant, int exitCode)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "leads.csv"), "Company Name,Website\nBücher,bücher.example\n");
        var built = Path.Combine(
            TestPaths.RepositoryRoot,
            "src",
            "Enrichment.Cli",
            "bin",
            new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
            "net10.0");

        // The tool's own settings would override the variable, as those of a host that says nothing do not.
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(built, "Enrichment.Cli.runtimeconfig.json")))!;
        settings["runtimeOptions"]!["configProperties"]!.AsObject().Remove("System.Globalization.Invariant");
        var config = Path.Combine(folder.FullName, "runtimeconfig.json");
        await File.WriteAllTextAsync(config, settings.ToJsonString());
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "exec",
                "--runtimeconfig",
                config,
                Path.Combine(built, "Enrichment.Cli.dll"),
                "run",
                "leads.csv",
                "--pipeline",
                "normalize",
                "--output",
                "clean.csv",
            ])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ENRICHMENT_STORE");
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = invariant;

        var run = await Tool.RunAsync(Process.Start(start)!);

        Assert.True(exitCode == run.ExitCode, $"{run.ExitCode}\n{run.Output}\n{run.Error}");
        Assert.Equal(exitCode != 0, run.Error.Contains("This process runs without ICU", StringComparison.Ordinal));
    }
}
