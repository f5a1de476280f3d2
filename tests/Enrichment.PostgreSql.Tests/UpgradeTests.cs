using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>A newer version changes the schema of a filled database, while hosts of this version work on.</summary>
public sealed class UpgradeTests : IAsyncLifetime
{
    private const int Items = 400;

    private readonly string role = $"upgraded_{Guid.NewGuid():n}";
    private PostgresDatabase database = null!;
    private NpgsqlDataSource source = null!;

    public async Task InitializeAsync()
    {
        database = await PostgresDatabase.CreateAsync();
        source = NpgsqlDataSource.Create(database.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await source.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task A_newer_version_upgrades_a_filled_database_while_an_older_host_works_on()
    {
        await using var older = Engine();
        await older.MigrateAsync();
        var first = await LaunchAsync(older);
        using var stop = new CancellationTokenSource();
        var working = older.RunAsync(stop.Token);
        await GatedStep.Half.Task.WaitAsync(Wait.Patience);
        var newer = Newer(older);

        await newer.MigrateAsync(default);

        GatedStep.Rest.SetResult();
        var second = await LaunchAsync(older);
        foreach (var batch in (Batch[])[first, second])
        {
            await Wait.UntilAsync(
                async () => (await older.Client("acme").GetBatchAsync(batch.Id)).HasEnded,
                "the older host ends the batch");
            Assert.Equal(BatchStatus.Completed, (await older.Client("acme").GetBatchAsync(batch.Id)).Status);
            Assert.Equal(Items, await older.Client("acme").ReadResultsAsync(batch.Id).CountAsync());
        }

        await stop.CancelAsync();
        await working;
        Assert.Empty(await older.ExamineAsync());
        Assert.Equal(2 * Items, await ReadAsync<long>("select count(*) from enrichment.workflow_states where note is null"));
        Assert.Equal("newer", await ReadAsync<string>("select max(marked) from enrichment.item_states"));

        // Another older host starts, and leaves what is newer.
        await using var another = Engine();
        await another.MigrateAsync();
        Assert.Equal(SchemaState.Current, await another.Store.CheckSchemaAsync(default));
        Assert.Equal("newer", await ReadAsync<string>("select max(marked) from enrichment.item_states"));
        Assert.Equal("1 2", await ReadAsync<string>("select string_agg(number::text, ' ' order by number) from enrichment.migrations"));
        await newer.MigrateAsync(default);
        Assert.Equal(SchemaState.Current, await newer.CheckSchemaAsync(default));
    }

    [Fact]
    public async Task Grants_on_an_object_stay_when_another_version_takes_its_place()
    {
        await using var older = Engine();
        await older.MigrateAsync();
        await ReadAsync<object>($"""
            create role {role};
            grant usage on schema enrichment to {role};
            grant execute on function enrichment.defer_tasks, enrichment.skip_tasks, enrichment.extend_tasks to {role};
            grant select on enrichment.item_states to {role};
            """);
        var known = ((PostgreSqlStore)older.Store).Known;

        // Another parameter, another result, another body; and a view that lacks a column.
        var newer = new PostgreSqlStore(source)
        {
            Known = known with
            {
                Version = known.Version + 1,
                Objects =
                [
                    .. known.Objects.Select(made => made.Name switch
                    {
                        "defer_tasks" => made
                            .With("costs numeric[] default null)", "costs numeric[] default null, note text default null)")
                            .With("interval, numeric[]) from", "interval, numeric[], text) from"),
                        "skip_tasks" => made.With("returns setof text", "returns text"),
                        "extend_tasks" => made.With("interval '1 hour'", "interval '2 hours'"),
                        "item_states" => made.With("s.attempt, s.tries,", "s.tries,"),
                        _ => made,
                    }),
                ],
            },
        };

        await newer.MigrateAsync(default);

        var parameters = await ReadAsync<string>("select oidvectortypes(proargtypes) from pg_proc where proname = 'defer_tasks'");
        Assert.EndsWith("numeric[], text", parameters, StringComparison.Ordinal);
        Assert.Equal("text", await ReadAsync<string>("select pg_get_function_result(oid) from pg_proc where proname = 'skip_tasks'"));
        Assert.True(await ReadAsync<bool>("select position('2 hours' in prosrc) > 0 from pg_proc where proname = 'extend_tasks'"));
        foreach (var function in (string[])["defer_tasks", "skip_tasks", "extend_tasks"])
        {
            var by = $"from pg_proc p, aclexplode(p.proacl) a where proname = '{function}'";
            Assert.Equal(1L, await ReadAsync<long>($"select count(*) from pg_proc where proname = '{function}'"));
            Assert.True(await ReadAsync<bool>($"select exists (select 1 {by} and a.grantee = '{role}'::regrole)"), function);
            Assert.False(await ReadAsync<bool>($"select exists (select 1 {by} and a.grantee = 0)"), function);
        }

        Assert.True(await ReadAsync<bool>($"select has_table_privilege('{role}', 'enrichment.item_states', 'select')"));
        await ReadAsync<object>($"drop owned by {role}; drop role {role}");
    }

    private PostgreSqlStore Newer(EnrichmentEngine older)
    {
        var known = ((PostgreSqlStore)older.Store).Known;
        return new(source)
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
                        -- A column, an index and a table more.
                        alter table {schema}.workflow_states add column note text;
                        create index workflow_states_noted on {schema}.workflow_states (bucket, batch) where note is not null;
                        create table {schema}.notes (note int primary key);
                        """,
                        "\"enrichment\""),
                ],
                Objects =
                [
                    .. known.Objects.Select(made => made.Name switch
                    {
                        "item_states" => made.With("else 'due' end as reason", "else 'due' end as reason, 'newer'::text as marked"),
                        "next_batch" => made.With("month int := ", "newer constant int := 2;\n    month int := "),
                        _ => made,
                    }),
                ],
            },
        };
    }

    private EnrichmentEngine Engine() => EnrichmentEngine.Create(e => e
        .UsePostgreSql(database.ConnectionString)
        .AddStep<GatedStep>()
        .AddPipeline("gated", p => p.Step("test.gated"))
        .ConfigureWorker(new() { PollInterval = TimeSpan.FromMilliseconds(20), SweepInterval = TimeSpan.FromMilliseconds(100) }));

    private static Task<Batch> LaunchAsync(EnrichmentEngine engine) =>
        engine.Client("acme").LaunchAsync(TestEngine.Companies(Items), "gated");

    private async Task<T?> ReadAsync<T>(string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T?)await command.ExecuteScalarAsync();
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

/// <summary>Objects of a version that is not there yet.</summary>
file static class LaterObjects
{
    /// <summary>The same object with another text.</summary>
    public static SchemaObject With(this SchemaObject made, string before, string after)
    {
        Assert.Contains(before, made.Sql, StringComparison.Ordinal);
        return SchemaObject.Of(made.Name, made.Sql.Replace(before, after, StringComparison.Ordinal), "");
    }
}
