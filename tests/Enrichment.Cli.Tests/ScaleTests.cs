using System.Globalization;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>Memory is bounded by configuration, not by the size of a file: the tool's own process is watched while it stages.</summary>
public sealed class ScaleTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private const int Many = 1_000_000;
    private const int Few = Many / 10;
    private const double Mebibyte = 1024;
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_million_rows_are_staged_in_the_memory_of_a_hundred_thousand(string kind)
    {
        var many = await PeakAsync(kind, Many);

        // A short run may end before the last look at it on a busy machine, and then seems smaller than it is: it is run again.
        var few = 0.0;
        for (var run = 0; run < 10 && many > few * 1.25; run++)
        {
            few = Math.Max(few, await PeakAsync(kind, Few - run));
        }

        Assert.InRange(many / Mebibyte, 1, 250);
        Assert.InRange(many, 1, few * 1.25);
    }

    /// <summary>
    /// The peak of the process's resident memory in KiB, as Linux counts it (VmHWM in proc(5)): it never falls, so that the last look is
    /// the peak.
    /// </summary>
    private async Task<double> PeakAsync(string kind, int rows)
    {
        var file = Write(rows);
        var store = kind == "sqlite" ? $"sqlite:{workspace.FileNamed($"{rows}.db")}" : $"postgres:{database.ConnectionString}";
        var process = Tool.Start(workspace.Folder, "upload", file, "--workstream", "apollo_scrape", "--store", store, "--json");
        var id = process.Id;
        var running = Tool.RunAsync(process);
        var peak = 0.0;
        while (!running.IsCompleted)
        {
            peak = Peak(id) ?? peak;
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System));
        }

        var run = await running;
        Assert.Equal(rows, run.Succeeded().Json.GetProperty("accepted").GetInt32());
        File.Delete(file);
        return peak;
    }

    private static double? Peak(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : double.Parse(line["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // It has just ended.
        }
    }

    // About 280 bytes a row, as an export of the field has them.
    private string Write(int rows)
    {
        var file = workspace.FileNamed($"{rows}.csv");
        using var writer = new StreamWriter(file);
        writer.Write(
            "First Name,Last Name,Title,Email,LinkedIn Link,Company Name,Company Website Full,Industry,Company City,Company State,Company Country\n");
        for (var row = 0; row < rows; row++)
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture,
                $"Given{row},Family{row},\"Vice President, Engineering\",given.family{row}@company-{row % 9999}.example.com,https://www.linkedin.com/in/given-family-{row},Example Company {row % 9999} Inc,https://www.company-{row % 9999}.example.com/about,Information Technology & Services,San Francisco,California,United States\n"));
        }

        return file;
    }
}
