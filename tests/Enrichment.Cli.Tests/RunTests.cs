using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

public sealed class RunTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task A_file_becomes_its_columns_and_the_produced_fields_in_its_order()
    {
        var run = (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "pipeline.json", "--output", "out.csv")).Succeeded();

        Snapshot.Match(workspace.Read("out.csv"));
        Assert.Equal($"3 rows in {workspace.FileNamed("out.csv")}\n", run.Output);
        Assert.Contains("3 rows, 3 accepted, 0 rejected", run.Error, StringComparison.Ordinal);
        Assert.Contains("crm_data by its headers", run.Error, StringComparison.Ordinal);
        Assert.Contains("unmapped: Notes", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(workspace.Folder), file => file.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_output_that_is_run_again_has_no_name_twice()
    {
        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "pipeline.json", "--output", "once.csv")).Succeeded();
        var run = (await workspace.EnrichAsync("run", "once.csv", "--pipeline", "pipeline.json", "--output", "twice.csv", "--json")).Succeeded();

        var once = workspace.Read("once.csv").Split("\r\n")[0].Split(',');
        var twice = workspace.Read("twice.csv").Split("\r\n")[0].Split(',');
        Assert.Equal(twice.Distinct(), twice);
        Assert.Equal(once[^2..], twice[^2..]);
        Assert.Equal(once.Length + once.Count(name => name.Contains('.', StringComparison.Ordinal)), twice.Length);
        Assert.Equal(["Notes"], run.Json.GetProperty("unmapped").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_projection_gives_its_table_instead()
    {
        var run = (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "pipeline.json", "--projection", "projection.json", "--output", "out.csv", "--json")).Succeeded();

        Assert.Equal("full_name,domain,notes\r\nJane O'Toole,northwind.example,\r\nBob Smith,,\r\n,,\r\n", workspace.Read("out.csv"));
        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
        Assert.Equal(3, run.Json.GetProperty("output_rows").GetInt32());
    }

    [Fact]
    public async Task Run_twice_it_is_the_same_batch_and_the_same_file()
    {
        string[] command = ["run", "leads.csv", "--pipeline", "normalize", "--output", "out.csv", "--json"];
        var first = (await workspace.EnrichAsync(command)).Succeeded();
        var written = workspace.Read("out.csv");
        File.Delete(workspace.FileNamed("out.csv"));

        var second = (await workspace.EnrichAsync(command)).Succeeded();

        Assert.Equal(first.Output, second.Output);
        Assert.Equal(written, workspace.Read("out.csv"));
        Assert.Contains("--again makes a new one", second.Error, StringComparison.Ordinal);

        var third = (await workspace.EnrichAsync([.. command, "--again"])).Succeeded();

        Assert.NotEqual(first.Json.GetProperty("batch").GetString(), third.Json.GetProperty("batch").GetString());
        Assert.Equal(2, (await workspace.EnrichAsync("status", "--json")).Json.GetProperty("batches").GetArrayLength());
        Assert.Equal(written, workspace.Read("out.csv"));
    }

    [Fact]
    public async Task A_limit_takes_the_first_accepted_rows()
    {
        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", "out.csv", "--limit", "1")).Succeeded();

        Assert.Equal(2, workspace.Read("out.csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("JANE", workspace.Read("out.csv").Split("\r\n")[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData()]
    [InlineData("--projection", "projection.json")]
    public async Task Both_stores_write_the_same_bytes(params string[] projection)
    {
        string[] command = ["run", Workspace.QuickstartLeads, "--pipeline", "pipeline.json", .. projection];
        (await workspace.EnrichAsync([.. command, "--output", "sqlite.csv"])).Succeeded();
        var run = (await workspace.EnrichAsync([.. command, "--output", "postgres.csv", "--store", $"postgres:{database.ConnectionString}", "--json"])).Succeeded();

        Assert.Equal(1000, run.Json.GetProperty("output_rows").GetInt32());
        Assert.Equal(File.ReadAllBytes(workspace.FileNamed("sqlite.csv")), File.ReadAllBytes(workspace.FileNamed("postgres.csv")));
        Assert.Empty((await workspace.EnrichAsync("doctor", "--json")).Succeeded().Json.GetProperty("findings").EnumerateArray());
        Assert.Empty((await workspace.EnrichAsync("doctor", "--json", "--store", $"postgres:{database.ConnectionString}")).Succeeded().Json.GetProperty("findings").EnumerateArray());
    }
}
