using System.Globalization;
using System.Text;
using Enrichment.Pipelines;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>
/// An engine that declares steps and runs none, with a batch; in a database of their own; and a role that may call the worker functions and
/// nothing else.
/// </summary>
internal sealed class SqlWorker : IAsyncDisposable
{
    private readonly PostgresDatabase database;
    private readonly string role = $"worker_{Guid.NewGuid():n}";
    private readonly NpgsqlDataSource owner;

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
            grant execute on function enrichment.claim_work, enrichment.complete_work, enrichment.skip_work, enrichment.fail_work, enrichment.defer_work, enrichment.renew_work, enrichment.release_work to {worker.role};
            insert into enrichment.worker_scopes (role, clients, steps) values ('{worker.role}', array['*'], array['*']);
            """);
        worker.Batch = await worker.Client.LaunchAsync(content, "python");
        return worker;
    }

    public async Task<List<SqlItem>> ClaimAsync(
        string step = "python.size",
        int most = 10,
        string worker = "test/1",
        NpgsqlConnection? connection = null)
    {
        await using var own = connection is null ? await Database.OpenConnectionAsync() : null;
        await using var command = new NpgsqlCommand(
            "select lease, batch, stage, version, settings::text, item, attempt, idempotency_key, record::text, call_after_seconds, call_by_seconds from enrichment.claim_work($1, $2, $3)",
            connection ?? own)
        {
            Parameters = { new() { Value = step }, new() { Value = worker }, new() { Value = most } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var items = new List<SqlItem>();
        while (await reader.ReadAsync())
        {
            items.Add(
                new(
                    reader.GetString(0),
                    reader.GetGuid(1),
                    reader.GetInt16(2),
                    reader.GetString(3),
                    reader.IsDBNull(4) ? null : reader.GetString(4),
                    reader.GetInt32(5),
                    reader.GetInt32(6),
                    reader.GetString(7),
                    reader.GetString(8),
                    reader.IsDBNull(9) ? null : reader.GetDouble(9),
                    reader.IsDBNull(10) ? null : reader.GetDouble(10)));
        }

        return items;
    }

    /// <summary>Says something of items: results or reasons, and what may follow them.</summary>
    public async Task<List<int>> SayAsync(string function, IReadOnlyCollection<SqlItem> items, string?[] said, params object[] rest)
    {
        var parameters = string.Concat(rest.Select((_, index) => string.Create(CultureInfo.InvariantCulture, $", ${index + 5}")));
        await using var command = Database.CreateCommand($"select * from enrichment.{function}($1, $2, $3, $4{parameters})");
        object[] values =
        [
            items.First().Lease,
            items.Select(item => item.Item).ToArray(),
            items.Select(item => item.Attempt).ToArray(),
            said,
            .. rest,
        ];
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var written = new List<int>();
        while (await reader.ReadAsync())
        {
            written.Add(reader.GetInt32(0));
        }

        written.Sort();
        return written;
    }

    public Task<List<int>> CompleteAsync(IReadOnlyCollection<SqlItem> items, string result = """{"company.size":1}""") =>
        SayAsync("complete_work", items, [.. items.Select(_ => result)]);

    public async Task<T> CallAsync<T>(string call, params object[] values)
    {
        await using var command = Database.CreateCommand($"select enrichment.{call}");
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Lets all leases lapse, and takes them over as any host does.</summary>
    public async Task LapseAsync()
    {
        await OwnAsync("update enrichment.leases set until = clock_timestamp() - interval '1 second' where owner is not null");
        await WorkAsync();
    }

    /// <summary>A host works until nothing is left that it could do: it sweeps, advances and ends batches.</summary>
    public Task WorkAsync() => Engine.RunUntilDrainedAsync().WaitAsync(Wait.Patience);

    public async Task<ItemState> StateAsync(int item, short stage = 1) =>
        (await Client.ReadStatesAsync(Batch.Id).ToListAsync()).Single(state => state.Item == item && state.Stage == stage);

    public async Task<List<string>> ResultsAsync() =>
        (await Client.ReadResultsAsync(Batch.Id).ToListAsync()).ConvertAll(result => Encoding.UTF8.GetString(result.Data.Span));

    /// <summary>The batch's end, and the doctor's word.</summary>
    public async Task<BatchStatus> EndAsync()
    {
        await WorkAsync();
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
        await Database.DisposeAsync();
        await OwnAsync($"delete from enrichment.worker_scopes; drop owned by {role}; drop role {role}");
        await owner.DisposeAsync();
        await Engine.DisposeAsync();
        await database.DisposeAsync();
    }
}

/// <summary>A row of <c>claim_work</c>.</summary>
internal sealed record SqlItem(
    string Lease,
    Guid Batch,
    short Stage,
    string Version,
    string? Settings,
    int Item,
    int Attempt,
    string Key,
    string Record,
    double? After,
    double? By);
