using System.Collections.Concurrent;
using Enrichment.Ingestion;
using Enrichment.Pipelines;
using Enrichment.Providers.Normalization;
using Enrichment.Storage;
using Enrichment.Testing;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What a host finds out when it starts.</summary>
public sealed class HostStartTests
{
    [Fact]
    public async Task A_host_starts_while_the_database_is_away_and_works_once_it_is_back()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await cluster.StopAsync();
        using var log = new Recorder();
        using var host = Build(log, e => e.UsePostgreSql(cluster.ConnectionString).AddWorker());

        await host.StartAsync();
        Assert.Contains(
            log.Lines,
            line => line.Level == LogLevel.Error && line.Text.Contains("The store cannot be reached", StringComparison.Ordinal));
        await cluster.StartAgainAsync();
        await log.SeenAsync("has started with");

        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        var batch = await engine.Client("acme").LaunchAsync("Email\njane@acme.com\n", "leads");
        await log.SeenAsync("has ended");
        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_database_that_does_not_exist_keeps_the_host_from_starting()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var log = new Recorder();
        using var host = Build(
            log,
            e =>
                e.UsePostgreSql(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "nowhere" }.ConnectionString)
                    .AddWorker());

        Assert.Equal(
            PostgresErrorCodes.InvalidCatalogName,
            (await Assert.ThrowsAsync<PostgresException>(() => host.StartAsync())).SqlState);
    }

    [Fact]
    public async Task A_host_tells_all_that_is_wrong_with_its_description_when_it_starts()
    {
        using var log = new Recorder();
        using var host = Build(log, e => e
            .AddPipeline("leads_too", p => p.Step("person.emial").Step("somebody.elses"))
            .AddWorkstream(Workstream.Define("forms", 1, w => w.Pipeline("laeds")))
            .AddClient(ClientDefinition.Create("acme", c => c.Pipeline("form", "leads").Step("person.emial", new { }))));

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => host.StartAsync());

        Assert.StartsWith("The engine cannot start: 5 problems.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("No store is chosen.", refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Workstream 'forms' names the pipeline 'laeds', which does not exist. Did you mean 'leads'",
            refused.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Client 'acme' names the workstream 'form', which does not exist. Did you mean 'forms'",
            refused.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Pipeline 'leads_too', stage 1: no provider ships the step 'person.emial'. Did you mean 'person.email'",
            refused.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Client 'acme', its settings: no provider ships the step 'person.emial'.",
            refused.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            log.Lines,
            line => line.Level == LogLevel.Warning && line.Text.Contains("'somebody.elses'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_without_a_worker_says_at_its_start_and_at_each_call_that_nothing_was_migrated()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var log = new Recorder();
        using var host = Build(log, e => e.UsePostgreSql(database.ConnectionString));

        await host.StartAsync();

        Assert.Contains(log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("MigrateAsync", StringComparison.Ordinal));
        var client = host.Services.GetRequiredService<EnrichmentEngine>().Client("acme");
        Assert.Contains(
            "MigrateAsync",
            (await Assert.ThrowsAsync<EnrichmentException>(() => client.GetBatchAsync(Guid.NewGuid()))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "MigrateAsync",
            (await Assert.ThrowsAsync<EnrichmentException>(() => client.UploadAsync(new MemoryStream("a\n1\n"u8.ToArray())))).Message,
            StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_worker_that_may_not_migrate_waits_for_the_schema_and_then_works()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var log = new Recorder();
        using var host = Build(log, e => e.UsePostgreSql(database.ConnectionString).AddWorker(new() { MigrateAtStart = false }));
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();

        await host.StartAsync();

        Assert.Contains(
            log.Lines,
            line =>
                line.Level == LogLevel.Error
                && line.Text.Contains("run 'enrich db migrate', or apply what 'enrich db script' prints", StringComparison.Ordinal));
        Assert.Equal(SchemaState.Missing, await engine.Store.CheckSchemaAsync(default));
        await using (var source = NpgsqlDataSource.Create(database.ConnectionString))
        await using (var script = source.CreateCommand(engine.Store.MigrationScript()))
        {
            await script.ExecuteNonQueryAsync();
        }

        var batch = await engine.Client("acme").LaunchAsync("Email\njane@acme.com\n", "leads");
        await log.SeenAsync("has ended");
        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
        await host.StopAsync();
        Assert.Empty(await engine.ExamineAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_that_is_too_old_for_the_schema_says_so_and_claims_nothing(bool migrates)
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var log = new Recorder();
        using var host = Build(log, e => e.UsePostgreSql(database.ConnectionString).AddWorker(new() { MigrateAtStart = migrates }));
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        await using (var source = NpgsqlDataSource.Create(database.ConnectionString))
        {
            await RunAsync(source, Breaking);
        }

        const string refusal =
            "The database has migration 9999, which breaks this version: it was migrated by a newer one. Upgrade this host.";
        Assert.Equal(refusal, (await Assert.ThrowsAsync<EnrichmentException>(() => host.StartAsync())).Message);
        Assert.Equal(refusal, (await Assert.ThrowsAsync<EnrichmentException>(() => engine.RunUntilDrainedAsync())).Message);
    }

    [Fact]
    public async Task A_host_at_work_stops_when_a_newer_version_breaks_the_schema_and_its_health_says_so()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var log = new Recorder();
        var clock = new FakeClock();
        using var host = Build(log, e => e.UsePostgreSql(database.ConnectionString).AddWorker(), clock);
        await host.StartAsync();
        await log.SeenAsync("has started with");
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await RunAsync(source, Compatible);
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        await RunAsync(source, "insert into enrichment.schema_objects (name, hash, version, made_at) values ('later', 'x', 9999, now())");
        await engine.MigrateAsync();
        Assert.Equal(SchemaState.Current, await engine.Store.CheckSchemaAsync(default));
        Assert.All((await HealthAsync()).Entries, entry => Assert.Equal(HealthStatus.Healthy, entry.Value.Status));

        await RunAsync(source, Breaking);

        const string reason =
            "The database has migration 9999, which breaks this version: it was migrated by a newer one. Upgrade this host.";
        await Wait.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return log.Lines.Any(line => line.Level == LogLevel.Critical && line.Text == $"The worker stops: {reason}");
            },
            "the host says why its worker stops",
            () => string.Join('\n', log.Lines.Select(line => line.Text)));
        var health = await HealthAsync();
        Assert.Equal(
            (HealthStatus.Unhealthy, $"The worker has stopped. {reason}"),
            (health.Entries["enrichment-worker"].Status, health.Entries["enrichment-worker"].Description));
        Assert.Equal(
            (HealthStatus.Unhealthy, reason),
            (health.Entries["enrichment-schema"].Status, health.Entries["enrichment-schema"].Description));
        Assert.Contains(log.Lines, line => line.Text.Contains("its leases are given back", StringComparison.Ordinal));
        await host.StopAsync();

        Task<HealthReport> HealthAsync() => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
    }

    private const string Compatible =
        "insert into enrichment.migrations (number, name, checksum, breaks, applied_at) values (9998, '9998_more', 'x', false, now())";

    private const string Breaking =
        "insert into enrichment.migrations (number, name, checksum, breaks, applied_at) values (9999, '9999_later', 'x', true, now())";

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static IHost Build(Recorder log, Action<EnrichmentBuilder> describe, TimeProvider? clock = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddHealthChecks().AddEnrichmentHealthChecks();
        builder.Services.AddEnrichment(e =>
            describe(e.AddProvider<NormalizationProvider>().AddPipeline("leads", p => p.Step("person.email"))));
        return builder.Build();
    }

    /// <summary>Keeps what is logged.</summary>
    private sealed class Recorder : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = [];

        public Task SeenAsync(string part) =>
            Wait.UntilAsync(
                () => Lines.Any(line => line.Text.Contains(part, StringComparison.Ordinal)),
                $"'{part}' is logged",
                () => string.Join('\n', Lines.Select(line => line.Text)));

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            Lines.Enqueue((logLevel, formatter(state, exception)));
        }

        public void Dispose()
        {
        }
    }
}
