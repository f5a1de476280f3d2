using System.Diagnostics;
using System.Globalization;
using System.Text;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

public sealed class InterruptionTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    // Enough that a fast machine is still amid the work when the signal reaches it.
    private const int Rows = 25_000;
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task After_kill_9_amid_work_the_next_worker_completes_and_the_doctor_finds_nothing(string kind)
    {
        var store = await LaunchAsync(kind);
        using (var worker = await WorkingAsync(kind, "work", "--lease", "2", "--store", store))
        {
            await Tool.SignalAsync(worker, "KILL");
            await worker.WaitForExitAsync();
        }

        Assert.InRange((await ProgressAsync(kind)).Share, 0.01, 0.99);

        (await workspace.EnrichAsync("work", "--until-drained", "--lease", "2", "--store", store)).Succeeded();

        var progress = await ProgressAsync(kind);
        Assert.Equal((Rows, 0), (progress.Ended, progress.Failed));
        Assert.True(
            (await workspace.EnrichAsync("doctor", "--json", "--store", store)).Succeeded().Json.GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public async Task SIGTERM_drains_a_worker_which_ends_with_0()
    {
        var store = await LaunchAsync("sqlite");
        var worker = await WorkingAsync("sqlite", "work", "--json", "--store", store);
        await Tool.SignalAsync(worker, "TERM");
        var run = await Tool.RunAsync(worker);

        Assert.False(run.Succeeded().Json.GetProperty("drained").GetBoolean());
        Assert.True((await ProgressAsync("sqlite")).Share < 1);
        Assert.True(
            (await workspace.EnrichAsync("doctor", "--json", "--store", store)).Succeeded().Json.GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public async Task An_interrupted_run_leaves_no_output_and_goes_on_when_it_is_repeated()
    {
        WriteLeads();
        string[] command =
        [
            "run",
            "many.csv",
            "--pipeline",
            "pipeline.json",
            "--output",
            "out.csv",
            "--store",
            $"sqlite:{workspace.FileNamed("work.db")}",
            "--json",
        ];
        var first = Tool.Start(workspace.Folder, command);
        await UntilWorkIsDoneAsync("sqlite", first);
        // Not INT, though it does the same: a shell without job control starts what it puts in the background with INT ignored.
        await Tool.SignalAsync(first, "TERM");
        var interrupted = await Tool.RunAsync(first);

        Assert.Equal(130, interrupted.ExitCode);
        Assert.Empty(Directory.GetFiles(workspace.Folder, "out.csv*"));

        var second = (await workspace.EnrichAsync(command)).Succeeded();

        Assert.Contains("--again makes a new one", second.Error, StringComparison.Ordinal);
        Assert.Equal(Rows, second.Json.GetProperty("output_rows").GetInt32());
    }

    [Fact]
    public async Task An_interrupted_run_of_a_new_batch_names_the_command_that_goes_on_with_it()
    {
        WriteLeads();
        var store = $"sqlite:{workspace.FileNamed("work.db")}";
        var run = Tool.Start(
            workspace.Folder,
            "run",
            "many.csv",
            "--pipeline",
            "pipeline.json",
            "--output",
            "out.csv",
            "--store",
            store,
            "--again");
        await UntilWorkIsDoneAsync("sqlite", run);
        await Tool.SignalAsync(run, "TERM");
        var interrupted = await Tool.RunAsync(run);

        var batch = (await workspace.EnrichAsync("status", "last", "--json", "--store", store))
            .Succeeded()
            .Json.GetProperty("batch")
            .GetProperty("batch")
            .GetGuid();
        Assert.Equal(130, interrupted.ExitCode);
        Assert.EndsWith(
            $"Interrupted. What was done is kept; the same command without --again and --refresh goes on with batch {batch}.\n",
            interrupted.Error,
            StringComparison.Ordinal);

        var second = (
            await workspace.EnrichAsync("run", "many.csv", "--pipeline", "pipeline.json", "--output", "out.csv", "--store", store, "--json")).Succeeded();

        Assert.Equal((batch, Rows), (second.Json.GetProperty("batch").GetGuid(), second.Json.GetProperty("output_rows").GetInt32()));
    }

    [Fact]
    public async Task A_batch_cancelled_while_it_runs_is_exported_and_run_ends_with_1()
    {
        WriteLeads();
        var store = $"sqlite:{workspace.FileNamed("work.db")}";
        var run = Tool.Start(
            workspace.Folder,
            "run",
            "many.csv",
            "--pipeline",
            "pipeline.json",
            "--output",
            "out.csv",
            "--store",
            store,
            "--json");
        await UntilWorkIsDoneAsync("sqlite", run);
        (await workspace.EnrichAsync("cancel", "last", "--store", store)).Succeeded();
        var ended = await Tool.RunAsync(run);

        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("cancelled", ended.Json.GetProperty("status").GetString());
        Assert.Equal(Rows, ended.Json.GetProperty("output_rows").GetInt32());
    }

    private void WriteLeads()
    {
        var csv = new StringBuilder("First Name,Last Name,Email,Company Name,Website,Company Phone,Company Country\n");
        for (var row = 1; row <= Rows; row++)
        {
            csv.Append(
                CultureInfo.InvariantCulture,
                $"JANE,EXAMPLE {row},Jane.{row}@Company-{row}.EXAMPLE,Company {row} Ltd.,HTTP://WWW.company-{row}.example/,020 7946 0{row % 1000:000},UK\n"
            );
        }

        workspace.Write("many.csv", csv.ToString());
    }

    private async Task<string> LaunchAsync(string kind)
    {
        WriteLeads();
        var store = kind == "sqlite" ? $"sqlite:{workspace.FileNamed("work.db")}" : $"postgres:{database.ConnectionString}";
        var upload = (await workspace.EnrichAsync("upload", "many.csv", "--store", store)).Succeeded().Output.Trim();
        (await workspace.EnrichAsync("launch", upload, "--pipeline", "pipeline.json", "--store", store)).Succeeded();
        return store;
    }

    private async Task<Process> WorkingAsync(string kind, params string[] command)
    {
        var worker = Tool.Start(workspace.Folder, command);
        await UntilWorkIsDoneAsync(kind, worker);
        return worker;
    }

    /// <summary>Waits until a process has done some of a batch, but not all.</summary>
    private async Task UntilWorkIsDoneAsync(string kind, Process worker)
    {
        await using var engine = Open(kind);
        var client = engine.Client("default");
        await Wait.UntilAsync(() => kind != "sqlite" || File.Exists(workspace.FileNamed("work.db")));
        await engine.MigrateAsync();
        var batch = await Wait.UntilFoundAsync(() => client.ListBatchesAsync().FirstOrDefaultAsync().AsTask());
        await Wait.UntilAsync(async () =>
        {
            Assert.False(worker.HasExited, "the worker ended before it had done anything");
            return (await client.GetProgressAsync(batch.Id)).Share > 0.02;
        });
    }

    private async Task<BatchProgress> ProgressAsync(string kind)
    {
        await using var engine = Open(kind);
        var client = engine.Client("default");
        return await client.GetProgressAsync((await client.ListBatchesAsync().FirstAsync()).Id);
    }

    private EnrichmentEngine Open(string kind) =>
        EnrichmentEngine.Create(e =>
            _ = kind == "sqlite" ? e.UseSqlite(workspace.FileNamed("work.db")) : e.UsePostgreSql(database.ConnectionString));
}
