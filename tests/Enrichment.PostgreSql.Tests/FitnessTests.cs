using System.Transactions;
using Enrichment.Consolidation;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>What the store asks of its database, its connections and its schema's name, before it makes anything.</summary>
public sealed class FitnessTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Theory]
    [InlineData("user")]
    [InlineData("order")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123")]
    public async Task A_schema_may_be_named_by_a_reserved_word(string schema)
    {
        await using var engine = Engine(database.ConnectionString, schema);
        await engine.MigrateAsync();
        await engine.MigrateAsync();

        Assert.Equal(BatchStatus.Completed, (await RunAsync(engine)).Status);
        Assert.Empty(await engine.ExamineAsync());
    }

    [Theory]
    [InlineData("enrichment\n")]
    [InlineData("pg_leads")]
    [InlineData("Leads")]
    [InlineData("a-b")]
    [InlineData("")]
    public void A_schema_that_PostgreSQL_would_not_name_so_is_refused(string schema) =>
        Assert.Contains(
            "schema's name",
            Assert.Throws<EnrichmentException>(() => Engine(database.ConnectionString, schema)).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task A_schema_of_an_earlier_preview_is_refused_with_how_to_mend_it()
    {
        await using var engine = Engine(database.ConnectionString, "preview");
        await engine.MigrateAsync();
        await ExecuteAsync("alter table preview.migrations drop column breaks");

        Func<Task>[] uses = [() => engine.MigrateAsync(), () => engine.Store.CheckSchemaAsync(default)];
        foreach (var use in uses)
        {
            var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
            Assert.Equal(
                $"An earlier preview of Enrichment made the schema \"preview\" of the database '{name}'. This version cannot read or upgrade it; it has to be made anew. "
                    + "Drop it ('drop schema \"preview\" cascade') or configure another schema; then run 'enrich db migrate'.",
                (await Assert.ThrowsAsync<EnrichmentException>(use)).Message);
        }
    }

    [Fact]
    public async Task A_data_source_of_the_host_that_multiplexes_is_refused()
    {
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Multiplexing = true });

        Assert.Contains(
            "Multiplexing",
            Assert.Throws<EnrichmentException>(() => new PostgreSqlStore(source)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_in_another_encoding_is_refused_in_a_sentence()
    {
        var name = $"latin_{Guid.NewGuid():n}";
        await ExecuteAsync($"create database {name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0");
        try
        {
            await using var engine = Engine(
                new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = name, Pooling = false }.ConnectionString);

            var exception = await Assert.ThrowsAsync<EnrichmentException>(() => engine.MigrateAsync());
            Assert.Contains("LATIN1", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            await ExecuteAsync($"drop database {name}");
        }
    }

    [Fact]
    public async Task Row_level_security_that_hides_the_tables_is_told_at_the_start_and_by_the_doctor()
    {
        const string schema = "secured";
        var role = $"secured_{Guid.NewGuid():n}";
        await using var owners = Engine(database.ConnectionString, schema);
        await owners.MigrateAsync();
        await ExecuteAsync($"""
            create role {role} login password 'secured';
            grant usage, create on schema {schema} to {role};
            grant select, insert, update, delete on all tables in schema {schema} to {role};
            alter table {schema}.batches enable row level security;
            alter table {schema}.migrations enable row level security;
            """);
        var asRole = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Username = role,
            Password = "secured",
            Pooling = false,
        }.ConnectionString;
        try
        {
            await using var engine = Engine(asRole, schema);

            var refused = await Assert.ThrowsAsync<EnrichmentException>(() => engine.MigrateAsync());
            Assert.Contains("batches", refused.Message, StringComparison.Ordinal);
            Assert.Contains("row level security", refused.Message, StringComparison.Ordinal);
            Assert.Contains(await engine.ExamineAsync(), finding => finding.Check == "1_row_security");

            await ExecuteAsync(
                $"create policy engine on {schema}.batches using (true); create policy engine on {schema}.migrations to {role} using (true);");
            await engine.MigrateAsync();
            Assert.Empty(await engine.ExamineAsync());
        }
        finally
        {
            await ExecuteAsync($"drop owned by {role}; drop role {role}");
        }
    }

    [Fact]
    public async Task An_ambient_transaction_of_the_caller_leaves_the_engine_alone()
    {
        await using var engine = Engine(database.ConnectionString, "ambient");
        Batch batch;
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await engine.MigrateAsync();
            batch = await RunAsync(engine);
        }

        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
    }

    [Fact]
    public async Task One_connection_is_enough_to_migrate_and_to_work()
    {
        await using var engine = Engine(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1, Timeout = 5 }.ConnectionString,
            "narrow");
        await engine.MigrateAsync();

        Assert.Equal(BatchStatus.Completed, (await RunAsync(engine)).Status);
    }

    [Fact]
    public async Task A_search_path_that_shadows_built_in_functions_changes_no_cell()
    {
        await ExecuteAsync("""
            create schema shadow;
            create function shadow.btrim(text, text) returns text language sql immutable return 'shadowed';
            create function shadow.octet_length(text) returns int language sql immutable return 5000;
            create function shadow.lower(text) returns text language sql immutable return 'shadowed';
            """);
        await using var engine = Engine(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = "shadow, pg_catalog" }.ConnectionString,
            "cast_apart",
            e => e.AddProjection(ByName));
        await engine.MigrateAsync();
        await RunAsync(engine);

        var row = Assert.Single(await engine.Store.ReadProjectionAsync(ByName, "acme", null, default, default).ToListAsync());
        Assert.Equal(["Acme", true], row.Values);
    }

    [Fact]
    public async Task A_roles_short_statement_timeout_does_not_end_a_consolidation()
    {
        const string schema = "hurried";
        await using var engine = Engine(database.ConnectionString, schema, e => e.AddProjection(ByName));
        await engine.MigrateAsync();
        var batch = await RunAsync(engine);
        await using var hurried = Engine(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = "-c statement_timeout=1s" }.ConnectionString,
            schema,
            e => e.AddProjection(ByName));
        await using var other = new NpgsqlConnection(database.ConnectionString);
        await other.OpenAsync();
        await using var holds = await other.BeginTransactionAsync();
        await using (
            var take = new NpgsqlCommand($"select pg_advisory_xact_lock(hashtextextended('enrichment:{schema}:by_name', 0))", other, holds))
        {
            await take.ExecuteNonQueryAsync();
        }

        var waits = hurried.Client("acme").ConsolidateAsync("by_name", batch.Id);
        await using (var watching = NpgsqlDataSource.Create(database.ConnectionString))
        await using (
            var waited = watching.CreateCommand(
                "select exists (select from pg_stat_activity where datname = current_database() and wait_event = 'advisory' and clock_timestamp() - query_start > '1.5 s')"))
        {
            await Wait.UntilAsync(async () => waits.IsCompleted || (bool)(await waited.ExecuteScalarAsync())!);
        }

        await holds.CommitAsync();
        Assert.Equal(1, (await waits).Rows);
    }

    private static Projection ByName => Projection.Define("by_name", p => p
        .Text("name", c => c.Column("Company Name"))
        .Boolean("active", c => c.Column("Active"))
        .Key("name"));

    private static EnrichmentEngine Engine(string connectionString, string schema = "enrichment", Action<EnrichmentBuilder>? more = null) =>
        EnrichmentEngine.Create(e =>
        {
            e.UsePostgreSql(connectionString, new() { Schema = schema }).AddStep<EchoStep>().AddPipeline("one", p => p.Step("test.echo"));
            more?.Invoke(e);
        });

    private static Task<Batch> RunAsync(EnrichmentEngine engine) => engine.RunAsync("Company Name,Active\nAcme,yes\n", "one");

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    [EnrichmentStep("test.echo", "1.0.0", Reads = ["company.name"], Produces = ["company.name"], Pure = true)]
    private sealed class EchoStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.Completed("company.name", context.Record.Text("company.name")!));
    }
}
