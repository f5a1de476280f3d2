using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Enrichment.Pipelines;
using Enrichment.Providers.Http;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Enrichment.Providers.Lookup.Tests.Guide;

/// <summary>What docs/guide/lookups.md shows, run by the engine as it stands there, with a vendor who counts.</summary>
public sealed partial class LookupPageTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IAsyncLifetime
{
    private static readonly string Page = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "docs", "guide", "lookups.md"))
        .ReplaceLineEndings("\n");
    private static readonly string[] Examples = [.. Json().Matches(Page).Select(match => match.Groups["json"].Value)];

    private readonly PaidStep acme = new();
    private readonly string folder = Directory.CreateTempSubdirectory("lookup-").FullName;

    public Task InitializeAsync() => ExecuteAsync("""
            drop table if exists companies;
            create table companies (domain text primary key, employees integer, industry text, asked_at timestamptz, found boolean);
            insert into companies values
                ('fresh.com', 42, 'Anvils', now() - interval '10 days', true),
                ('half.com', null, 'Anvils', now() - interval '10 days', true),
                ('stale.com', 42, 'Anvils', now() - interval '100 days', true),
                ('gone.com', null, null, now() - interval '10 days', false),
                ('long-gone.com', null, null, now() - interval '40 days', false)
            """);

    public Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_vendor_is_asked_for_what_the_warehouse_does_not_answer_and_for_nothing_else(bool postgres)
    {
        await using var engine = Engine(Examples[0], Examples[1], postgres);

        var (batch, states) = await RunAsync(
            engine,
            "fresh.com",
            "half.com",
            "stale.com",
            "gone.com",
            "long-gone.com",
            "nobody.com",
            "not a domain");

        Assert.Equal(["long-gone.com", "nobody.com", "not a domain", "stale.com"], acme.Asked);
        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal(
            [Status.Completed, Status.Completed, Status.Completed, Status.Completed, Status.Completed, Status.Completed, Status.Skipped],
            states.Where(state => state.Stage == 1).Select(state => state.Status));
        Assert.Equal(
            [Skipped, Skipped, null, Skipped, null, null, null],
            states.Where(state => state.Stage == 2).Select(state => state.Error));
        var first = await engine
            .Client("acme")
            .ReadResultsAsync(batch.Id)
            .Where(result => result.Stage == 1)
            .OrderBy(result => result.Item)
            .Select(result => Encoding.UTF8.GetString(result.Data.Span))
            .ToListAsync();
        Assert.Matches(
            """^\{"company.employee_count":42,"company.industry":"Anvils","warehouse.outcome":"found","warehouse.observed_at":"[0-9TZ:.-]+"\}$""",
            first[0]);
        Assert.Equal("{}", first[2]);
        Assert.Matches("""^\{"warehouse.outcome":"nothing","warehouse.observed_at":"[0-9TZ:.-]+"\}$""", first[3]);
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task A_condition_may_ask_for_a_field_and_a_launch_for_everything()
    {
        var byField = Examples[1].Replace("warehouse.outcome", "company.employee_count", StringComparison.Ordinal);
        await using var engine = Engine(Examples[0], byField);

        await RunAsync(engine, "fresh.com", "half.com");
        Assert.Equal(["half.com"], acme.Asked);

        await RunAsync(
            engine,
            ["fresh.com"],
            new()
            {
                Settings = new Dictionary<string, JsonElement>
                {
                    ["warehouse.company"] = JsonElement.Parse("""{ "freshness": { "days": 0.001 } }"""),
                },
            });
        Assert.Equal(["fresh.com", "half.com"], acme.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_warehouse_that_is_away_makes_nobody_pay_unless_the_pipeline_says_so(bool optional)
    {
        var pipeline = Examples[1]
            .Replace(
                "\"warehouse.company\",",
                $$"""{ "step": "warehouse.company", "retry": { "tries": 2, "baseDelay": "00:00:00.010" }, "optional": {{(optional ? "true" : "false")}} },""",
                StringComparison.Ordinal);
        await using var engine = Engine(Examples[0], pipeline, secret: "Host=127.0.0.1;Port=1;Username=canary");

        var (_, states) = await RunAsync(engine, "fresh.com");

        Assert.Equal(
            (Status.Failed, ErrorClass.Transient, "Given up after 2 tries: The database cannot be reached."),
            (states[0].Status, states[0].ErrorClass, states[0].Error));
        Assert.Equal(optional ? ["fresh.com"] : [], acme.Asked);
    }

    [Fact]
    public async Task No_row_costs_a_query_of_its_own()
    {
        // Each item is told how many keys its query had.
        var counting = Examples[0].Replace(
            "select domain, employees, industry, asked_at, not found as absent from companies where domain = any(@domain)",
            "select key as domain, cardinality(@domain) as employees, '' as industry, now() as asked_at, false as absent from unnest(@domain) as key",
            StringComparison.Ordinal);
        await using var engine = Engine(counting, Examples[1]);

        var (batch, _) = await RunAsync(engine, [.. Enumerable.Range(0, 2500).Select(i => $"company{i}.com")]);

        var sizes = await engine
            .Client("acme")
            .ReadResultsAsync(batch.Id)
            .Select(result => JsonElement.Parse(result.Data.Span).GetProperty("company.employee_count").GetInt32())
            .ToListAsync();
        Assert.Equal(2500, sizes.Count);
        // Three, or some more where a slow machine claimed them in several sets; 2,500 if each had a query.
        Assert.InRange(sizes.Sum(size => 1.0 / size), 2.9, 100);
        Assert.Empty(acme.Asked);
    }

    [Fact]
    public async Task No_row_costs_a_query_of_its_own_after_an_outage()
    {
        await ExecuteAsync("""
            drop table if exists outage; create table outage (over boolean); insert into outage values (false);
            create or replace function available() returns integer language plpgsql as $$
            begin
                if not (select over from outage) then raise exception 'canary' using errcode = '57P03'; end if;
                return 1;
            end $$;
            """);
        var counting = Examples[0].Replace(
            "select domain, employees, industry, asked_at, not found as absent from companies where domain = any(@domain)",
            "select key as domain, cardinality(@domain) as employees, '' as industry, now() as asked_at, false as absent from unnest(@domain) as key where available() = 1",
            StringComparison.Ordinal);
        await using var engine = Engine(counting, Examples[1]);
        await engine.MigrateAsync();

        var running = RunAsync(engine, [.. Enumerable.Range(0, 1000).Select(i => $"company{i}.com")]);
        await Wait.UntilAsync(async () =>
            await engine.Client("acme").ListBatchesAsync().FirstOrDefaultAsync() is { } batch
            && await engine.Client("acme").ReadStatesAsync(batch.Id).CountAsync(state => state.Error is not null) == 1000);
        await ExecuteAsync("update outage set over = true");
        var (done, _) = await running;

        var sizes = await engine
            .Client("acme")
            .ReadResultsAsync(done.Id)
            .Select(result => JsonElement.Parse(result.Data.Span).GetProperty("company.employee_count").GetInt32())
            .ToListAsync();
        Assert.Equal(1000, sizes.Count);
        // One, or a few where a slow machine wrote the failures in several sets; 27 if each item had come back by itself.
        Assert.InRange(sizes.Sum(size => 1.0 / size), 0.9, 20);
    }

    [Fact]
    public async Task The_sqlite_and_the_csv_example_answer()
    {
        var history = Path.Combine(folder, "history.db");
        await using (var connection = new SqliteConnection($"Data Source={history};Pooling=false"))
        {
            await connection.OpenAsync();
            await new SqliteCommand(
                "create table companies (domain text, employees integer, asked_at text); insert into companies values ('fresh.com', 6, datetime('now', '-20 days')), ('fresh.com', 7, datetime('now', '-10 days'))",
                connection).ExecuteNonQueryAsync();
        }

        await File.WriteAllTextAsync(
            Path.Combine(folder, "accounts.csv"),
            "Website,Owner,Segment\nhttps://www.fresh.com,Jane,Enterprise\n"
        );
        await using var engine = Engine(
            Examples[2].Replace("history.db", history, StringComparison.Ordinal),
            """{ "name": "leads", "stages": ["history.company", "accounts.owner"] }""",
            also: Examples[3].Replace("accounts.csv", Path.Combine(folder, "accounts.csv"), StringComparison.Ordinal));

        var (batch, _) = await RunAsync(engine, "fresh.com");

        var results = await engine
            .Client("acme")
            .ReadResultsAsync(batch.Id)
            .OrderBy(result => result.Stage)
            .Select(result => Encoding.UTF8.GetString(result.Data.Span))
            .ToListAsync();
        Assert.Equal(
            ["""{"company.employee_count":7,"history.outcome":"found"}""", """{"company.owner":"Jane","company.segment":"Enterprise"}"""],
            results);
    }

    [Fact]
    public async Task Faults_that_preflight_finds_are_told_before_any_query()
    {
        await using var engine = Engine(Examples[0], Examples[1], secret: "canary");

        var refused = await Assert.ThrowsAsync<PreflightException>(() => RunAsync(engine, "fresh.com"));

        var problem = Assert.Single(refused.Problems);
        Assert.StartsWith("Stage 1 'warehouse.company': connection cannot be read.", problem, StringComparison.Ordinal);
        Assert.EndsWith("The value comes from secret:WAREHOUSE.", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_hands_the_kinds_over()
    {
        var here = Environment.CurrentDirectory;
        Directory.CreateDirectory(Path.Combine(folder, "vendors"));
        File.WriteAllText(Path.Combine(folder, "vendors", "warehouse.company.json"), Examples[0]);
        File.WriteAllText(Path.Combine(folder, "leads.json"), Examples[1]);
        var database = Path.Combine(folder, "leads.db");
        var builder = Host.CreateApplicationBuilder();
        try
        {
            Environment.CurrentDirectory = folder;
            builder.Services.AddEnrichment(e => e
                .UseSqlite(database)
                .AddSteps(HttpVendors.Load("vendors", Lookups.Kinds))
                .AddPipeline(PipelineDefinition.Load("leads.json"))
                .AddWorker());
        }
        finally
        {
            Environment.CurrentDirectory = here;
        }

        using var host = builder.Build();
        Assert.NotNull(host.Services.GetRequiredService<EnrichmentEngine>());
    }

    private const string Skipped = "The stage's condition does not hold.";

    private EnrichmentEngine Engine(string document, string pipeline, bool postgres = false, string? secret = null, string? also = null) =>
        EnrichmentEngine.Create(e =>
        {
            _ = postgres ? e.UsePostgreSql(database.ConnectionString) : e.UseSqlite(":memory:");
            e.AddSteps(
                    new[] { document, also }
                        .OfType<string>()
                        .Select(text => HttpVendors.Parse(Encoding.UTF8.GetBytes(text), "lookup.json", Lookups.Kinds)))
                .AddSteps([acme.Descriptor])
                .AddPipeline(PipelineDefinition.Parse(pipeline))
                .UseSecrets(_ => secret ?? database.ConnectionString)
                .ConfigureWorker(new() { PollInterval = TimeSpan.FromMilliseconds(10), SweepInterval = TimeSpan.FromMilliseconds(50) });
        });

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The test's own text.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static Task<(Batch Batch, List<ItemState> States)> RunAsync(EnrichmentEngine engine, params string[] domains) =>
        RunAsync(engine, domains, new());

    private static async Task<(Batch Batch, List<ItemState> States)> RunAsync(
        EnrichmentEngine engine,
        string[] domains,
        LaunchOptions options)
    {
        await engine.MigrateAsync();
        var batch = await engine.RunAsync(
            "Company Name,Company Domain\n" + string.Concat(domains.Select(domain => $"Acme,{domain}\n")),
            "leads",
            options);
        return (
            batch,
            await engine.Client("acme").ReadStatesAsync(batch.Id).OrderBy(state => state.Item).ThenBy(state => state.Stage).ToListAsync());
    }

    [GeneratedRegex("^```json\n(?<json>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();
}
