using System.Text;
using Enrichment.Consolidation;
using Enrichment.Pipelines;
using Enrichment.Providers.Normalization;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Enrichment.EndToEnd.Tests.Guide;

/// <summary>The code that docs/guide/embedding.md and projections.md show.</summary>
public sealed class EmbeddingTests(PostgresDatabase server) : IClassFixture<PostgresDatabase>
{
    private const string Csv = "Company Name,Website,Email,# Employees\nAcme,https://www.acme.com/about,jane@acme.com,\"1,200\"\nNone,,,\n";

    [Fact]
    public async Task A_program_without_a_host_runs_a_file_to_its_end()
    {
        var folder = Directory.CreateTempSubdirectory("enrichment-guide-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "leads.csv"), Csv);
            await RunFileAsync(Path.Combine(folder.FullName, "leads.db"), Path.Combine(folder.FullName, "leads.csv"), Path.Combine(folder.FullName, "final_leads.csv"));

            Assert.Equal("company,domain,employees,email\r\nAcme,acme.com,1200,jane@acme.com\r\nNone,,,\r\n", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "final_leads.csv")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_launch_inside_the_hosts_transaction_is_worked_on_by_the_host()
    {
        using var host = Build(server.ConnectionString);
        await host.StartAsync();
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        await using (var imports = database.CreateCommand("create table if not exists imports (id int, batch uuid)"))
        {
            await imports.ExecuteNonQueryAsync();
        }

        var upload = await engine.Client("acme").UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(Csv)), "apollo_scrape");
        var batch = await LaunchWithAsync(database, engine.Client("acme"), upload.Upload, import: 7);
        Assert.Equal(batch.Id, (await LaunchWithAsync(database, engine.Client("acme"), upload.Upload, import: 7)).Id);

        await host.StopAsync();
        await engine.RunUntilDrainedAsync();
        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
        await ReadAsync(engine.Client("acme"), batch);
        Assert.Empty(await engine.ExamineAsync());
    }

    private static async Task RunFileAsync(string database, string input, string output)
    {
        await using var engine = EnrichmentEngine.Create(e => e
            .UseSqlite(database)
            .AddProvider<NormalizationProvider>()
            .AddPipeline("leads", p => p.Step("company.domain").Step("person.email"))
            .AddProjection(FinalLeads.Projection));
        await engine.MigrateAsync();

        var client = engine.Client("acme");
        await using var file = File.OpenRead(input);
        var upload = await client.UploadAsync(file, "apollo_scrape", new() { FileName = Path.GetFileName(input) });
        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        await using var csv = File.Create(output);
        await client.Query("final_leads").InBatch(batch.Id).ExportAsync(csv);
    }

    private static IHost Build(string connectionString)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(NpgsqlDataSource.Create(connectionString));
        builder.Services.AddEnrichment(e => e
            .UsePostgreSql()
            .AddProvider<NormalizationProvider>()
            .AddStep<CompanyDomainStep>()
            .AddPipeline("leads", p => p
                .Step("company.domain")
                .Step("person.email", s => s.When(Condition.Exists("person.email")).Optional()))
            .AddProjection(FinalLeads.Projection)
            .AddWorker(new() { MaxConcurrentClaims = 4, MaxConcurrentCalls = 200 }));
        return builder.Build();
    }

    private static async Task<Batch> LaunchWithAsync(NpgsqlDataSource database, EnrichmentClient client, Upload upload, int import)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var batch = await client.LaunchAsync(upload.Id, new() { Pipeline = "leads", Key = $"import-{import}" }, transaction);
        await using var command = new NpgsqlCommand("insert into imports (id, batch) values ($1, $2)", connection, transaction)
        {
            Parameters = { new() { Value = import }, new() { Value = batch.Id } },
        };
        await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return batch;
    }

    private static async Task ReadAsync(EnrichmentClient client, Batch batch)
    {
        var progress = await client.GetProgressAsync(batch.Id);
        Console.WriteLine($"{progress.Batch.Status}: {progress.Ended} of {progress.Batch.Items} ended, {progress.Failed} failed");

        await foreach (var state in client.ReadStatesAsync(batch.Id, Status.Failed))
        {
            Console.WriteLine($"row {state.Item}, stage {state.Stage}: {state.ErrorClass}, {state.Error}");
        }

        var records = await client.ReadRecordsAsync(batch.Id);
        Console.WriteLine(string.Join(",", [.. records.Columns, .. records.Fields]));
        await foreach (var row in records.ReadAsync())
        {
            Console.WriteLine(string.Join(",", row));
        }
    }
}
