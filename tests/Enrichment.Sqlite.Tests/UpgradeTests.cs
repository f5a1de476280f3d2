using Enrichment.Storage;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Tests;

/// <summary>A newer version changes the schema of a filled file, while a worker of this version works on it.</summary>
public sealed class UpgradeTests : IDisposable
{
    private const int Items = 400;

    private readonly TemporaryDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_newer_version_upgrades_a_filled_file_while_an_older_worker_works_on()
    {
        await using var older = Engine();
        await older.MigrateAsync();
        var first = await LaunchAsync(older);
        using var stop = new CancellationTokenSource();
        var working = older.RunAsync(stop.Token);
        await GatedStep.Half.Task.WaitAsync(Wait.Patience);
        using var newer = Newer(((SqliteStore)older.Store).Known);

        await newer.MigrateAsync(default);

        GatedStep.Rest.SetResult();
        var second = await LaunchAsync(older);
        foreach (var batch in (Batch[])[first, second])
        {
            await Wait.UntilAsync(
                async () => (await older.Client("acme").GetBatchAsync(batch.Id)).HasEnded,
                "the older worker ends the batch");
            Assert.Equal(BatchStatus.Completed, (await older.Client("acme").GetBatchAsync(batch.Id)).Status);
            Assert.Equal(Items, await older.Client("acme").ReadResultsAsync(batch.Id).CountAsync());
        }

        await stop.CancelAsync();
        await working;
        Assert.Empty(await older.ExamineAsync());

        // Another older process opens the file, and leaves what is newer.
        await using var another = Engine();
        await another.MigrateAsync();
        Assert.Equal(SchemaState.Current, await another.Store.CheckSchemaAsync(default));
        Assert.Equal("newer", Read("select max(marked) from item_states where note is null"));
        Assert.Equal("1 2", Read("select group_concat(number, ' ' order by number) from migrations"));
    }

    private SqliteStore Newer(StoreSchema known) => new(database.Path)
    {
        Known = known with
        {
            Version = known.Version + 1,
            Migrations =
            [
                .. known.Migrations,
                Migration.Of(
                    "0002_notes",
                    """
                    -- A column and an index more.
                    alter table workflow_states add column note text;
                    create index workflow_states_noted on workflow_states (bucket) where note is not null;
                    """,
                    ""),
            ],
            Objects = [.. known.Objects.Select(made => made.Name == "item_states" ? SchemaObject.Of(made.Name, Marked(made.Sql), "") : made)],
        },
    };

    private static string Marked(string view) =>
        view.Replace("else 'due' end as reason", "else 'due' end as reason, s.note, 'newer' as marked", StringComparison.Ordinal);

    private EnrichmentEngine Engine() => EnrichmentEngine.Create(e => e
        .UseSqlite(database.Path)
        .AddStep<GatedStep>()
        .AddPipeline("gated", p => p.Step("test.gated"))
        .ConfigureWorker(new() { PollInterval = TimeSpan.FromMilliseconds(20), SweepInterval = TimeSpan.FromMilliseconds(100) }));

    private static Task<Batch> LaunchAsync(EnrichmentEngine engine) =>
        engine.Client("acme").LaunchAsync(TestEngine.Companies(Items), "gated");

    private string? Read(string sql)
    {
        using var connection = new SqliteConnection(database.ConnectionString);
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return command.ExecuteScalar()?.ToString();
    }

    /// <summary>A call outside; half of the first batch's wait until the schema was changed.</summary>
    [EnrichmentStep("test.gated", "1.0.0", Reads = ["company.name"], Produces = ["company.name"], SafeToRepeat = true)]
    private sealed class GatedStep : IEnrichmentStep
    {
        public static readonly TaskCompletionSource Half = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static readonly TaskCompletionSource Rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
        {
            if (context.Item > Items / 2)
            {
                Half.TrySetResult();
                await Rest.Task.WaitAsync(cancellationToken);
            }

            return StepOutcome.Completed("company.name", context.Record.Text("company.name")!);
        }
    }
}
