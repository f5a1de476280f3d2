using System.Globalization;
using System.Text;
using Enrichment.Pipelines;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>
/// A host at work that declares steps and runs none, with a batch; in a database of its own; and a role that may call the worker functions
/// and nothing else.
/// </summary>
internal sealed class SqlWorker : IAsyncDisposable
{
    private readonly PostgresDatabase database;
    private readonly string role = $"worker_{Guid.NewGuid():n}";
    private readonly NpgsqlDataSource owner;

    private readonly CancellationTokenSource stop = new();
    private Task working = Task.CompletedTask;

    private SqlWorker(PostgresDatabase database, EnrichmentEngine engine)
    {
        this.database = database;
        Engine = engine;
        owner = NpgsqlDataSource.Create(database.ConnectionString);
        Database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                Username = role,
                Password = "plain",
                IncludeErrorDetail = true,
            });
    }

    public EnrichmentEngine Engine { get; }

    public string OwnerString => database.ConnectionString;

    /// <summary>The worker's role.</summary>
    public string Role => role;

    public EnrichmentClient Client => Engine.Client("acme");

    public Batch Batch { get; private set; } = null!;

    /// <summary>As the worker's role.</summary>
    public NpgsqlDataSource Database { get; }

    public static StepManifest Step(string slug = "python.size", Effects effects = Effects.Review, int maxTries = 4) => new()
    {
        Slug = slug, Version = "1.0.0", Reads = ["company.name"], Produces = [new("company.size")], Effects = effects, MaxTries = maxTries,
    };

    public static Task<SqlWorker> StartAsync(int items, StepManifest step) =>
        StartAsync(
            [step],
            p => p.Step(step.Slug),
            "Company Name\n"
                + string.Concat(Enumerable.Range(1, items).Select(item => string.Create(CultureInfo.InvariantCulture, $"Company {item}\n"))));

    public static async Task<SqlWorker> StartAsync(StepManifest[] steps, Action<PipelineBuilder> pipeline, string content)
    {
        var database = await PostgresDatabase.CreateAsync();
        var engine = EnrichmentEngine.Create(e => e
            .UsePostgreSql(database.ConnectionString)
            .DeclareSteps(steps)
            .AddPipeline("python", pipeline)
            .ConfigureWorker(new() { PollInterval = TimeSpan.FromMilliseconds(10), SweepInterval = TimeSpan.FromMilliseconds(50) }));
        await engine.MigrateAsync();
        var worker = new SqlWorker(database, engine);
        await worker.OwnAsync($"""
            create role {worker.role} login password 'plain';
            grant usage on schema enrichment to {worker.role};
            grant execute on function enrichment.fetch_tasks, enrichment.complete_tasks, enrichment.skip_tasks, enrichment.fail_tasks, enrichment.defer_tasks, enrichment.extend_tasks to {worker.role};
            insert into enrichment.worker_scopes (role, clients, steps) values ('{worker.role}', array['*'], array['*']);
            """);
        worker.Batch = await worker.Client.LaunchAsync(content, "python");
        worker.working = engine.RunAsync(worker.stop.Token);
        return worker;
    }

    /// <summary>Fetches once.</summary>
    public async Task<List<SqlTask>> TryFetchAsync(
        string step = "python.size",
        int most = 10,
        string worker = "test/1",
        NpgsqlConnection? connection = null)
    {
        await using var own = connection is null ? await Database.OpenConnectionAsync() : null;
        await using var command = new NpgsqlCommand(
            "select task, batch, stage, item, attempt, version, settings::text, idempotency_key, record::text, call_after_seconds, call_by_seconds from enrichment.fetch_tasks($1, $2, $3)",
            connection ?? own)
        {
            Parameters = { new() { Value = step }, new() { Value = worker }, new() { Value = most } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var tasks = new List<SqlTask>();
        while (await reader.ReadAsync())
        {
            tasks.Add(
                new(
                    reader.GetString(0),
                    reader.GetGuid(1),
                    reader.GetInt16(2),
                    reader.GetInt32(3),
                    reader.GetInt32(4),
                    reader.GetString(5),
                    reader.IsDBNull(6) ? null : reader.GetString(6),
                    reader.GetString(7),
                    reader.GetString(8),
                    reader.IsDBNull(9) ? null : reader.GetDouble(9),
                    reader.IsDBNull(10) ? null : reader.GetDouble(10)));
        }

        return tasks;
    }

    /// <summary>Fetches until there is something.</summary>
    public async Task<List<SqlTask>> FetchAsync(string step = "python.size", int most = 10)
    {
        List<SqlTask> tasks = [];
        await Wait.UntilAsync(async () => (tasks = await TryFetchAsync(step, most)).Count > 0);
        return [.. tasks.OrderBy(task => task.Item)];
    }

    /// <summary>Reports tasks by a function, with its further arguments. Returns those that were refused.</summary>
    public async Task<List<string>> ReportAsync(
        string function,
        IEnumerable<string> tasks,
        string rest,
        NpgsqlConnection? connection = null)
    {
        await using var own = connection is null ? await Database.OpenConnectionAsync() : null;
        await using var command = new NpgsqlCommand($"select * from enrichment.{function}($1, {rest})", connection ?? own)
        {
            Parameters = { new() { Value = tasks.ToArray() } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var refused = new List<string>();
        while (await reader.ReadAsync())
        {
            refused.Add(reader.GetString(0));
        }

        return refused;
    }

    public Task<List<string>> CompleteAsync(IReadOnlyCollection<SqlTask> tasks, string result = """{"company.size":1}""") => ReportAsync(
        "complete_tasks",
        tasks.Select(task => task.Task),
        $"array[{string.Join(',', tasks.Select(_ => $"'{result}'"))}]::json[]");

    /// <summary>Lets all locks of workers end.</summary>
    public Task LapseAsync() =>
        OwnAsync("update enrichment.external_tasks set acts_at = clock_timestamp() where token is not null and acts_at is not null");

    public async Task<ItemState> StateAsync(int item, short stage = 1) =>
        (await Client.ReadStatesAsync(Batch.Id).ToListAsync()).Single(state => state.Item == item && state.Stage == stage);

    public async Task<List<string>> ResultsAsync() =>
        (await Client.ReadResultsAsync(Batch.Id).ToListAsync()).ConvertAll(result => Encoding.UTF8.GetString(result.Data.Span));

    /// <summary>Waits for the batch's end, and asks the doctor.</summary>
    public async Task<BatchStatus> EndAsync()
    {
        await Wait.UntilAsync(async () =>
            (await Client.GetBatchAsync(Batch.Id)).Status is BatchStatus.Completed or BatchStatus.CompletedWithFailures);
        Assert.Empty(await Engine.ExamineAsync());
        return (await Client.GetBatchAsync(Batch.Id)).Status;
    }

    public async Task<T?> OwnAsync<T>(string sql)
    {
        await using var command = owner.CreateCommand(sql);
        return (T?)await command.ExecuteScalarAsync();
    }

    public Task OwnAsync(string sql) => OwnAsync<object>(sql);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await working;
        stop.Dispose();
        await Database.DisposeAsync();
        await OwnAsync($"delete from enrichment.worker_scopes; drop owned by {role}; drop role {role}");
        await owner.DisposeAsync();
        await Engine.DisposeAsync();
        await database.DisposeAsync();
    }
}

/// <summary>A row of <c>fetch_tasks</c>.</summary>
internal sealed record SqlTask(
    string Task,
    Guid Batch,
    short Stage,
    int Item,
    int Attempt,
    string Version,
    string? Settings,
    string Key,
    string Record,
    double? After,
    double? By);
