using Enrichment.TestKit;
using Microsoft.Data.Sqlite;

namespace Enrichment.Providers.Lookup.Tests;

public sealed class SqliteQueryTests : QueryTests
{
    private readonly string folder = Directory.CreateTempSubdirectory("lookup-").FullName;

    protected override string Source => $"\"file\": \"{Database}\"";

    private string Database => Path.Combine(folder, "warehouse.db");

    protected override string Keys(string parameter) => $"json_each(@{parameter})";

    protected override Task ExecuteAsync(string sql) => ExecuteAsync(Database, sql);

    public override Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        File.Delete(Database);

        Assert.Equal(
            $"Failed Configuration: There is no database '{Database}'. Correct File; a path is relative to the folder in which the host was started.",
            await SaidAsync(Select("*", ""), "acme.com"));
        Assert.False(File.Exists(Database));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told()
    {
        await File.WriteAllTextAsync(Database, new string('x', 4096));

        Assert.StartsWith(
            "Failed Configuration: file is not a sound SQLite database",
            await SaidAsync(Select("*", ""), "acme.com"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_was_replaced_is_read_anew()
    {
        var lookup = Select("*", "");
        Assert.Equal("""{"company.size":42,"company.industry":"Anvils"}""", await SaidAsync(lookup, "acme.com"));
        var next = Path.Combine(folder, "next.db");
        await ExecuteAsync(
            next,
            "create table companies (domain text, size integer, industry text); insert into companies values ('acme.com', 43, 'Rockets')");

        File.Move(next, Database, overwrite: true);

        Assert.Equal("""{"company.size":43,"company.industry":"Rockets"}""", await SaidAsync(lookup, "acme.com"));
    }

    [Fact]
    public async Task A_database_that_somebody_holds_is_tried_again()
    {
        await using var holder = new SqliteConnection($"Data Source={Database};Pooling=false");
        await holder.OpenAsync();
        await new SqliteCommand("begin exclusive", holder).ExecuteNonQueryAsync();

        var answer = await Query("select * from companies where @domain is not null", "", timeout: TimeSpan.FromSeconds(1))
            .AskAsync("acme.com");

        Assert.Equal("Retry Transient: The database cannot answer now (SQLite error 5).", TryLookup.Said(answer));
    }

    [Fact]
    public async Task A_query_without_end_ends_with_its_time()
    {
        var asking = Task.Run(() => Query(Endless, "", timeout: TimeSpan.FromMilliseconds(200)).AskAsync("acme.com"));

        Assert.Equal("Retry Transient: The query did not end in time.", TryLookup.Said(await asking.WaitAsync(Wait.Patience)));
    }

    [Fact]
    public async Task A_query_without_end_ends_when_nobody_waits_for_it()
    {
        using var over = new CancellationTokenSource();
        var asking = Task.Run(() => Query(Endless, "").AskAsync("acme.com", over.Token));
        over.CancelAfter(TimeSpan.FromMilliseconds(200));

        try
        {
            Assert.Equal(StepOutcomeKind.Retry, (await asking.WaitAsync(Wait.Patience)).Kind);
        }
        catch (OperationCanceledException)
        {
            // It had not begun.
        }
    }

    [Fact]
    public async Task A_parameter_that_the_key_does_not_have_is_told()
    {
        var answer = await Query(
                $"select * from companies where domain in (select value from {Keys("domain")}) and industry = @industry",
                "")
            .AskAsync("acme.com");

        Assert.Equal(
            "Failed Permanent: The query cannot be run: Must add values for the following parameters: @industry",
            TryLookup.Said(answer));
    }

    private const string Endless =
        "with recursive n(i) as (select 1 union all select i + 1 from n) select 'acme.com' as domain, max(i) as size, '' as industry from n where @domain is not null";

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // The test's own text.
        await new SqliteCommand(sql, connection).ExecuteNonQueryAsync();
#pragma warning restore CA2100
    }
}
