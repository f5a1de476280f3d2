using System.Text.Json;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Providers.Lookup.Tests;

public sealed class PostgresQueryTests(PostgresDatabase database) : QueryTests, IClassFixture<PostgresDatabase>
{
    private string? connection;

    protected override string Source => $"\"connection\": {JsonSerializer.Serialize(connection ?? database.ConnectionString)}";

    protected override string Keys(string parameter) => $"unnest(@{parameter}) as keys(value)";

    protected override async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The test's own text.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task Any_of_the_array_is_the_usual_way() =>
        Assert.Equal(
            """{"company.size":42,"company.industry":"Anvils"}""",
            await SaidAsync(Query("select * from companies where domain = any(@domain)", ""), "acme.com"));

    [Theory]
    [InlineData("12.50::numeric", "12.50")]
    [InlineData("1::smallint", "1")]
    [InlineData("'{\"b\":1}'::jsonb", """{"b":1}""")]
    [InlineData("array['a', null, 'b']", """["a",null,"b"]""")]
    [InlineData("array[1, 2]", "[1,2]")]
    [InlineData("'2026-02-03 04:05:06'::timestamp", "\"2026-02-03T04:05:06\"")]
    [InlineData("'2026-02-03 04:05:06.5+02'::timestamptz", "\"2026-02-03T02:05:06.5Z\"")]
    [InlineData("'0194f3a0-0000-7000-8000-000000000001'::uuid", "\"0194f3a0-0000-7000-8000-000000000001\"")]
    public async Task Types_of_its_own_become_those_of_json(string value, string json) =>
        Assert.Equal(
            $$"""{"company.size":{{json}},"company.industry":"x"}""",
            await SaidAsync(Query($"select key as domain, {value} as size, 'x' as industry from unnest(@domain) as key", ""), "acme.com"));

    [Theory]
    [InlineData("1e40::numeric", "the column 'size' of type numeric holds a value that cannot be read. Cast it in the query.")]
    [InlineData("'1 day'::interval", "a value of the type interval has no form in JSON. Cast it in the query.")]
    public async Task A_value_that_cannot_be_read_is_told(string value, string problem) =>
        Assert.Equal(
            $"Failed Permanent: {problem}",
            await SaidAsync(Query($"select key as domain, {value} as size, 'x' as industry from unnest(@domain) as key", ""), "acme.com"));

    [Fact]
    public async Task Data_that_the_server_quotes_stays_out_of_the_reason()
    {
        var answer = await Query("select key as domain, key::integer as size, '' as industry from unnest(@domain) as key", "")
            .AskAsync("canary.com");

        Assert.Equal("Failed Permanent: The query failed with SQLSTATE 22P02.", TryLookup.Said(answer));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_again()
    {
        connection = "Host=127.0.0.1;Port=1;Username=canary;Password=canary;Database=canary";

        Assert.Equal("Retry Transient: The database cannot be reached.", await SaidAsync(Select("*", ""), "acme.com"));
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_a_matter_of_the_settings()
    {
        connection = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "canary" }.ConnectionString;

        Assert.Equal(
            "Failed Configuration: The database refuses the lookup (SQLSTATE 3D000). Correct Connection.",
            await SaidAsync(Select("*", ""), "acme.com"));
    }

    [Fact]
    public async Task A_query_that_takes_too_long_is_ended_by_the_server_and_tried_again()
    {
        var lookup = Query(
            "select key as domain, 1 as size, pg_sleep(60)::text as industry from unnest(@domain) as key",
            "",
            timeout: TimeSpan.FromMilliseconds(300));

        Assert.Equal("Retry Transient: The query did not end in time.", await SaidAsync(lookup, "acme.com"));
    }

    [Fact]
    public async Task A_function_that_writes_is_refused()
    {
        await ExecuteAsync("create or replace function spend() returns integer language sql as 'delete from companies; select 1'");

        Assert.Equal(
            "Failed Permanent: The query would write. A lookup reads only.",
            await SaidAsync(Query("select key as domain, spend() as size, '' as industry from unnest(@domain) as key", ""), "acme.com"));
    }

    [Fact]
    public async Task A_connection_that_failed_serves_the_next_call_as_if_nothing_had_been()
    {
        connection = new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1 }.ConnectionString;
        Assert.Equal(
            StepOutcomeKind.Failed,
            (
                await Query("select key::integer as domain, 1 as size, '' as industry from unnest(@domain) as key", "").AskAsync("acme.com")).Kind);

        Assert.Equal(StepOutcomeKind.Completed, (await Select("*", "").AskAsync("acme.com")).Kind);

        await using var same = new NpgsqlConnection(connection);
        await same.OpenAsync();
        Assert.Equal(
            "0 off",
            await new NpgsqlCommand(
                "select current_setting('statement_timeout') || ' ' || current_setting('transaction_read_only')",
                same).ExecuteScalarAsync());
    }
}
