using System.Text.Json;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

public sealed class StepByStepTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_commands_one_by_one_do_what_run_does(string kind)
    {
        var store = kind == "sqlite" ? "sqlite:steps.db" : $"postgres:{database.ConnectionString}";
        (
            await workspace.EnrichAsync(
                "run",
                "leads.csv",
                "--pipeline",
                "pipeline.json",
                "--workstream",
                "apollo_scrape",
                "--output",
                "run.csv",
                "--store",
                "sqlite:run.db")).Succeeded();

        var upload = await JsonAsync("upload", "leads.csv", "--workstream", "apollo_scrape");
        Assert.Equal(
            (3, 2, 1),
            (upload.GetProperty("rows").GetInt32(), upload.GetProperty("accepted").GetInt32(), upload.GetProperty("rejected").GetInt32()));
        Assert.Equal("person.first_name", upload.GetProperty("mapped")[0].GetProperty("field").GetString());
        Assert.Equal("Notes", Assert.Single(upload.GetProperty("unmapped").EnumerateArray()).GetProperty("name").GetString());
        Assert.True((await JsonAsync("upload", "leads.csv", "--workstream", "apollo_scrape")).GetProperty("already_there").GetBoolean());

        var batch = (
            await JsonAsync("launch", upload.GetProperty("upload").GetString()!, "--pipeline", "pipeline.json", "--priority", "30"))
            .GetProperty("batch")
            .GetString()!;
        Assert.Equal(30, (await JsonAsync("pause", batch)).GetProperty("priority").GetInt32());
        Assert.Equal(5, (await JsonAsync("prioritize", batch, "5")).GetProperty("priority").GetInt32());
        await JsonAsync("work", "--until-drained");
        Assert.Equal("paused", await StatusAsync());
        Assert.Equal("pending", await ResumeAsync());
        Assert.True((await JsonAsync("work", "--until-drained")).GetProperty("drained").GetBoolean());
        Assert.Equal("completed", await StatusAsync());

        await JsonAsync("export", batch, "--output", "steps.csv");
        Assert.Equal(workspace.Read("run.csv"), workspace.Read("steps.csv"));

        var table = await JsonAsync("consolidate", batch, "--projection", "projection.json");
        Assert.Equal((2, 2), (table.GetProperty("rows").GetInt32(), table.GetProperty("issues").GetProperty("notes").GetInt32()));
        Assert.True(
            (await JsonAsync("consolidate", batch, "--projection", "projection.json", "--rebuild")).GetProperty("rebuilt").GetBoolean());

        Assert.Equal(0, (await JsonAsync("retry", batch)).GetProperty("retried").GetInt32());
        Assert.Equal(1, (await JsonAsync("retry", batch, "--item", "1", "--from-stage", "2")).GetProperty("retried").GetInt32());
        var stranger = await workspace.EnrichAsync("retry", batch, "--item", "1", "--item", "99999", "--from-stage", "1", "--store", store);
        Assert.Equal((2, "enrich: Nothing was done. Item 99999 is not in the batch."), (stranger.ExitCode, stranger.Error.Trim()));
        stranger = await workspace.EnrichAsync("retry", batch, "--item", "99999", "--store", store);
        Assert.Equal((2, "enrich: Nothing was done. Item 99999 is not in the batch."), (stranger.ExitCode, stranger.Error.Trim()));
        Assert.Contains(
            "0 items of batch",
            (await workspace.EnrichAsync("retry", batch, "--item", "2", "--store", store)).Succeeded().Output,
            StringComparison.Ordinal);
        var tick = await JsonAsync("tick", "--seconds", "60");
        Assert.Equal((true, 1), (tick.GetProperty("is_idle").GetBoolean(), tick.GetProperty("batches").GetInt32()));
        Assert.Empty((await JsonAsync("deliveries", batch)).GetProperty("deliveries").EnumerateArray());
        Assert.Empty((await JsonAsync("refusals")).GetProperty("refusals").EnumerateArray());
        Assert.Equal(0, (await JsonAsync("deliveries", batch, "--again")).GetProperty("again").GetInt32());
        await JsonAsync("export", batch, "--output", "again.csv");
        Assert.Equal(workspace.Read("run.csv"), workspace.Read("again.csv"));
        await JsonAsync("consolidate", batch, "--projection", "projection.json");
        Assert.True((await JsonAsync("doctor", "--projection", "projection.json")).GetProperty("healthy").GetBoolean());

        async Task<JsonElement> JsonAsync(params string[] command) =>
            (await workspace.EnrichAsync([.. command, "--json", "--store", store])).Succeeded().Json;

        async Task<string?> StatusAsync() => (await JsonAsync("status", batch)).GetProperty("batch").GetProperty("status").GetString();

        async Task<string?> ResumeAsync() => (await JsonAsync("resume", batch)).GetProperty("status").GetString();
    }

    [Fact]
    public async Task The_store_may_come_from_the_environment_and_its_schema_from_a_script()
    {
        Assert.True(
            (await workspace.EnrichAsync("db", "migrate", "--json", "--store", "sqlite:a.db"))
                .Succeeded()
                .Json.GetProperty("migrated")
                .GetBoolean());
        var script = (await workspace.EnrichAsync("db", "script", "--store", "postgres:Host=nowhere.example")).Succeeded();

        Assert.StartsWith("begin;", script.Output, StringComparison.Ordinal);
        Assert.EndsWith("commit;\n", script.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(workspace.FileNamed("a.db")));
        Assert.False(File.Exists(workspace.FileNamed("enrichment.db")));
    }
}
