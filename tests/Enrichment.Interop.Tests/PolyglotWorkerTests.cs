using System.Globalization;
using System.Text;
using Enrichment.AspNetCore;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PolyglotWorker;

namespace Enrichment.Interop.Tests;

/// <summary>
/// The sample's Python worker, as it stands in samples/PolyglotWorker, does a whole batch: no step of it is in .NET. It is killed and
/// started again on the way.
/// </summary>
public sealed class PolyglotWorkerTests
{
    private const int Items = 400;
    private const int InHand = 10;
    private const int Rate = 20;
    private const int Burst = 10;
    private static readonly string Sample = Path.Combine(TestPaths.RepositoryRoot, "samples", "PolyglotWorker");

    [Theory]
    [InlineData("--http", false)]
    [InlineData("--sql", false)]
    [InlineData("--sql", true)]
    public async Task The_Python_worker_completes_a_batch_though_it_is_killed_again_and_again(string how, bool pooled)
    {
        var database = await PostgresDatabase.CreateAsync();
        await using var _ = database;

        // In transaction mode, with fewer connections than there are workers and hosts: no two transactions need the same one.
        await using var pooler = pooled ? await PgBouncer.StartAsync(database.ConnectionString, serverConnections: 2) : null;
        var calls = Path.GetTempFileName();
        var connection = pooler?.ConnectionString ?? database.ConnectionString;
        await using var app = await HostAsync(connection);
        var engine = app.Services.GetRequiredService<EnrichmentEngine>();
        string[] arguments =
            [.. Arguments(how, app, connection), "--lock", "2", "--limit", InHand.ToString(CultureInfo.InvariantCulture)];
        var client = engine.Client("acme");
        var batch = await LaunchAsync(client, "companies", Items);

        await using var steady = await PythonWorker.StartAsync(Sample, calls, arguments);
        foreach (var share in (double[])[0.1, 0.3, 0.5])
        {
            await using var victim = await PythonWorker.StartAsync(Sample, calls, arguments);
            await Wait.UntilAsync(async () =>
                (await client.GetProgressAsync(batch.Id)).Share >= share && await VictimHasWorkAsync(database, victim));
            await victim.KillAsync();
        }

        await using var restarted = await PythonWorker.StartAsync(Sample, calls, arguments);
        await Wait.UntilAsync(async () =>
            (await client.GetBatchAsync(batch.Id)).Status is BatchStatus.Completed or BatchStatus.CompletedWithFailures);
        Assert.Equal((0, 0), (await steady.TerminateAsync(), await restarted.TerminateAsync()));

        Assert.Equal(BatchStatus.Completed, (await client.GetBatchAsync(batch.Id)).Status);
        var results = await client.ReadResultsAsync(batch.Id).ToListAsync();
        Assert.Equal(2 * Items, results.Count);
        Assert.Equal("""{"company.domain":"company-1.example"}""", Encoding.UTF8.GetString(results[0].Data.Span));
        Assert.Equal("""{"company.score":26}""", Encoding.UTF8.GetString(results[1].Data.Span)); // company-1.example, Company 1

        // One key an item, and no call more than the killed ones had in hand.
        var called = (await CallsAsync(calls)).ConvertAll(call => call.Key);
        Assert.Equal(Items, called.Distinct().Count());
        Assert.InRange(called.Count - Items, 0, 3 * InHand);
        Assert.Equal(0L, await ScalarAsync<long>(database, "select count(*) from enrichment.attempts where outcome is null"));
        Assert.Equal(0L, await ScalarAsync<long>(database, "select count(*) from enrichment.external_tasks"));
        Assert.InRange(await ScalarAsync<long>(database, "select count(*) from enrichment.attempts where outcome = 7"), 1, 3 * InHand);
        Assert.Empty(await engine.ExamineAsync());
        await app.StopAsync();
        File.Delete(calls);
    }

    [Theory]
    [InlineData("--http")]
    [InlineData("--sql")]
    public async Task Python_workers_keep_to_what_a_vendor_allows_them_together(string how)
    {
        const int limited = 100;
        await using var database = await PostgresDatabase.CreateAsync();
        var calls = Path.GetTempFileName();
        await using var app = await HostAsync(database.ConnectionString);
        var client = app.Services.GetRequiredService<EnrichmentEngine>().Client("acme");
        var batch = await LaunchAsync(client, "limited", limited);

        await using var one = await PythonWorker.StartAsync(Sample, calls, Arguments(how, app, database.ConnectionString));
        await using var other = await PythonWorker.StartAsync(Sample, calls, Arguments(how, app, database.ConnectionString));
        await Wait.UntilAsync(async () =>
            (await client.GetBatchAsync(batch.Id)).Status is BatchStatus.Completed or BatchStatus.CompletedWithFailures);
        Assert.Equal((0, 0), (await one.TerminateAsync(), await other.TerminateAsync()));

        // What a worker was too late for was given back: no call is made twice, and none costs a second try.
        Assert.All(
            await client.ReadStatesAsync(batch.Id).ToListAsync(),
            state => Assert.Equal((Status.Completed, 1), (state.Status, state.Tries)));
        var times = (await CallsAsync(calls)).ConvertAll(call => call.At);
        times.Sort();
        Assert.Equal(limited, times.Count);
        Assert.InRange(times.Max(from => times.Count(at => at >= from && at < from + 1)), 1, Rate + Burst);
        Assert.True(
            times[^1] - times[0] >= (limited - Rate - Burst) / (double)Rate,
            $"All calls left within {times[^1] - times[0]} seconds.");
        Assert.Empty(await app.Services.GetRequiredService<EnrichmentEngine>().ExamineAsync());
        await app.StopAsync();
        Assert.Equal(0L, await ScalarAsync<long>(database, "select count(*) from enrichment.permit_blocks where returned_at is null"));
        File.Delete(calls);
    }

    private static string[] Arguments(string how, WebApplication app, string connection) =>
        how == "--http"
            ?
            [
                how,
                new Uri(
                    new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
                    "workers").AbsoluteUri,
            ]
            : [how, Libpq(connection)];

    private static async Task<Batch> LaunchAsync(EnrichmentClient client, string pipeline, int items)
    {
        var csv =
            "Company Name,Website\n"
            + string.Concat(
                Enumerable
                    .Range(1, items)
                    .Select(n => string.Create(CultureInfo.InvariantCulture, $"Company {n},https://www.company-{n}.example/\n"))
            );
        return await client.LaunchAsync(csv, pipeline);
    }

    /// <summary>What the vendor wrote down: who called, and when.</summary>
    private static async Task<List<(string Key, double At)>> CallsAsync(string file) =>
        [
            .. (await File.ReadAllLinesAsync(file))
                .Select(line => line.Split(' '))
                .Select(call => (call[0], double.Parse(call[1], CultureInfo.InvariantCulture))),
        ];

    /// <summary>A host that declares the sample's steps and runs none.</summary>
    private static async Task<WebApplication> HostAsync(string connection)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder
            .Services.AddAuthentication(KeyAuthentication.Name)
            .AddScheme<KeyOptions, KeyAuthentication>(KeyAuthentication.Name, options => options.Key = PythonWorker.Key);
        builder.Services.AddAuthorizationBuilder().AddPolicy("workers", policy => policy.RequireRole("worker"));
        builder.Services.AddEnrichment(e =>
            e.UsePostgreSql(connection)
                .DeclareSteps(Path.Combine(Sample, "steps"))
                .AddPipeline("companies", p => p.Step("python.domain").Step("python.score"))
                .AddPipeline(
                    "limited",
                    p => p.Step("python.domain").Step("python.score", s => s.Options(new { limits = new { rate = Rate, burst = Burst } })))
                .AddWorker(new() { SweepInterval = TimeSpan.FromMilliseconds(200) }));
        var app = builder.Build();
        app.MapEnrichmentWorkers("workers", _ => WorkerScope.Everything);
        await app.StartAsync();
        await app.Services.GetRequiredService<EnrichmentEngine>().MigrateAsync();
        return app;
    }

    private static string Libpq(string connection)
    {
        var server = new NpgsqlConnectionStringBuilder(connection);
        return $"host={server.Host} port={server.Port} dbname={server.Database} user={server.Username}"
            + (server.Password is { Length: > 0 } password ? $" password={password}" : "");
    }

    private static async Task<bool> VictimHasWorkAsync(PostgresDatabase database, PythonWorker victim) =>
        await ScalarAsync<long>(database, $"select count(*) from enrichment.external_tasks where acts_at is not null and worker like '%/{victim.Id}'")
        > 0;

    private static async Task<T?> ScalarAsync<T>(PostgresDatabase database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return (T?)await command.ExecuteScalarAsync();
    }
}
