using System.IO.Compression;
using System.Text.Json;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

public sealed class PruneTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Ended_batches_are_archived_and_go_and_say_so_ever_after(string kind)
    {
        var store = kind == "sqlite" ? "sqlite:prune.db" : $"postgres:{database.ConnectionString}";
        await RunAsync("run", "leads.csv", "--pipeline", "pipeline.json", "--workstream", "apollo_scrape", "--output", "out.csv");
        var batch = (await JsonAsync("status")).GetProperty("batches")[0].GetProperty("batch").GetString()!;

        Assert.Empty((await JsonAsync("prune", "--older-than", "1d")).GetProperty("batches").EnumerateArray());
        Assert.Equal(2, (await workspace.EnrichAsync("prune", "--older-than", "0d", "--client", "nobody", "--store", store)).ExitCode);
        var dry = await JsonAsync("prune", "--older-than", "0d", "--dry-run", "--all-clients");
        Assert.True(dry.GetProperty("dry_run").GetBoolean());
        Assert.Equal([batch], dry.GetProperty("batches").EnumerateArray().Select(id => id.GetString()));
        await RunAsync("export", batch, "--output", "still.csv");
        Assert.Contains("would go with its 2 items", (await RunAsync("prune", batch, "--dry-run")).Output, StringComparison.Ordinal);

        var pruned = await JsonAsync("prune", "--older-than", "0d", "--archive", "old");
        Assert.Equal([batch], pruned.GetProperty("batches").EnumerateArray().Select(id => id.GetString()));
        Assert.True(pruned.GetProperty("rows").GetInt64() > 0);
        Assert.Equal($"{batch}.jsonl.gz", Path.GetFileName(Assert.Single(Directory.GetFiles(workspace.FileNamed("old")))));
        var lines = ReadArchive(batch);
        Assert.Equal("leads.csv", lines[0].GetProperty("upload").GetProperty("file_name").GetString());
        Assert.Equal(2, lines[^1].GetProperty("end").GetInt32());
        Assert.Contains("northwind.example", lines[2].GetProperty("results").ToString(), StringComparison.Ordinal);

        var late = (await RunAsync("prune", batch, "--archive", "late")).Output;
        Assert.Contains("was pruned before, 20", late, StringComparison.Ordinal);
        Assert.Contains("nothing is left to archive, and no archive was written.", late, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.FileNamed("late")));

        Assert.Contains("pruned 20", (await RunAsync("status", batch)).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await JsonAsync("status", batch)).GetProperty("ended").GetInt32());
        foreach (
            var command in new string[][]
            {
                ["export", batch, "--output", "gone.csv"],
                ["retry", batch],
                ["items", batch, "--json"],
                ["consolidate", batch, "--projection", "projection.json"],
            })
        {
            var refused = await workspace.EnrichAsync([.. command, "--store", store]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("pruned", refused.Error, StringComparison.Ordinal);
        }

        Assert.True((await JsonAsync("doctor")).GetProperty("healthy").GetBoolean());
        await RunAsync("run", "leads.csv", "--pipeline", "pipeline.json", "--workstream", "apollo_scrape", "--output", "again.csv");
        Assert.Equal(workspace.Read("out.csv"), workspace.Read("again.csv"));

        async Task<JsonElement> JsonAsync(params string[] command) => (await RunAsync([.. command, "--json"])).Json;

        async Task<ToolRun> RunAsync(params string[] command) => (await workspace.EnrichAsync([.. command, "--store", store])).Succeeded();
    }

    [Fact]
    public async Task A_batch_that_has_not_ended_stays()
    {
        var upload = (await workspace.EnrichAsync("upload", "leads.csv", "--json")).Succeeded().Json.GetProperty("upload").GetString()!;
        (await workspace.EnrichAsync("launch", upload, "--pipeline", "pipeline.json")).Succeeded();

        var refused = await workspace.EnrichAsync("prune", "last");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("Let it end, or cancel it first.", refused.Error, StringComparison.Ordinal);
        (await workspace.EnrichAsync("cancel", "last")).Succeeded();
        Assert.Contains("is pruned", (await workspace.EnrichAsync("prune", "last")).Succeeded().Output, StringComparison.Ordinal);
    }

    private List<JsonElement> ReadArchive(string batch)
    {
        using var file = File.OpenRead(Path.Combine(workspace.FileNamed("old"), $"{batch}.jsonl.gz"));
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        var lines = new List<JsonElement>();
        while (text.ReadLine() is { } line)
        {
            lines.Add(JsonDocument.Parse(line).RootElement);
        }

        return lines;
    }
}
