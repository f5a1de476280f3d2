using System.Diagnostics;
using Enrichment.TestKit;

namespace Enrichment.Architecture.Tests;

/// <summary>What ships is built of packages whose hashes are committed.</summary>
public sealed class LockFileTests : IDisposable
{
    private const string Project = "Enrichment.Normalization";

    // It depends on nothing, and the SDK adds its trimming analyzers in a version of its own.
    private const string WithoutLock = "Enrichment.Abstractions";

    private readonly DirectoryInfo copy = Directory.CreateTempSubdirectory("enrichment-lock-");

    public void Dispose() => copy.Delete(recursive: true);

    [Fact]
    public void Every_package_has_a_lock_file_that_names_no_registry() => Faults.AssertNone(Package.All
        .Where(package => package.Name != WithoutLock)
        .Select(package => Path.Combine(package.Folder, "packages.lock.json"))
        .Where(file => !File.Exists(file) || File.ReadAllText(file).Contains("://", StringComparison.Ordinal))
        .Select(file => $"{file} is missing, or names a host"));

    [Fact]
    public async Task A_version_that_changes_without_its_lock_file_is_refused()
    {
        string[] files =
        [
            "Directory.Build.props",
            "Directory.Packages.props",
            "src/Directory.Build.props",
            $"src/{Project}/{Project}.csproj",
            $"src/{Project}/packages.lock.json",
        ];
        foreach (var file in files)
        {
            var target = Path.Combine(copy.FullName, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(TestPaths.RepositoryRoot, file), target);
        }

        var (exitCode, output) = await RestoreAsync();
        Assert.True(exitCode == 0, output);

        var versions = Path.Combine(copy.FullName, "Directory.Packages.props");
        var text = await File.ReadAllTextAsync(versions);
        await File.WriteAllTextAsync(
            versions,
            text.Replace("\"libphonenumber-csharp\" Version=\"", "\"libphonenumber-csharp\" Version=\"1", StringComparison.Ordinal));
        (exitCode, output) = await RestoreAsync();
        Assert.True(exitCode != 0 && output.Contains("NU1004", StringComparison.Ordinal), output);
    }

    private async Task<(int ExitCode, string Output)> RestoreAsync()
    {
        var start = new ProcessStartInfo(
            "dotnet",
            ["restore", Path.Combine(copy.FullName, "src", Project), "--locked-mode", "--nologo", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = copy.FullName,
        };
        using var restore = Process.Start(start)!;
        var output = await restore.StandardOutput.ReadToEndAsync();
        await restore.WaitForExitAsync();
        return (restore.ExitCode, output);
    }
}
