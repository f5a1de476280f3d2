using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>A PostgreSQL server that can be made to fail for the role by which the engine works, and be healed again.</summary>
public sealed class FaultServer : IAsyncLifetime
{
    public const string EndSessions = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'";

    public PostgresCluster Cluster { get; private set; } = null!;

    public NpgsqlDataSource Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await PostgresCluster.StartAsync();
        Admin = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Cluster.ConnectionString) { Pooling = false }.ConnectionString);
        await using var owner = await TestEngine.StartAsync(e => e.UsePostgreSql(Cluster.ConnectionString));
        await RunAsync("""
            create role app login password 'first';
            grant usage, create on schema enrichment to app;
            grant select, insert, update, delete on all tables in schema enrichment to app;
            grant usage on all sequences in schema enrichment to app;
            grant execute on all functions in schema enrichment to app;
            create sequence public.writes;
            grant usage on sequence public.writes to app
            """);
    }

    /// <summary>For the engine's role.</summary>
    /// <param name="options">Settings of its sessions.</param>
    public string ConnectionString(string options = "") =>
        new NpgsqlConnectionStringBuilder(Cluster.ConnectionString)
        {
            Username = "app",
            Password = "first",
            Options = options,
            Timeout = 5,
        }.ConnectionString;

    internal async Task<FaultBench> BenchAsync(string options = "")
    {
        var bench = new FaultBench(e => e.UsePostgreSql(ConnectionString(options)));
        await bench.MigrateAsync();
        return bench;
    }

    /// <summary>Makes the first writes do something else, until the function <c>public.fail</c> is dropped.</summary>
    /// <param name="instead">What they do, as plpgsql.</param>
    /// <param name="times">How many of them do it.</param>
    /// <param name="write">Which writes: those of results, or what stands between the name of a trigger and its function.</param>
    public Task FailWritesAsync(string instead, int times, string write = "before insert on enrichment.enrichment_results for each statement") => RunAsync($"""
        alter sequence public.writes restart;
        create function public.fail() returns trigger language plpgsql as $$ begin if nextval('public.writes') <= {times} then {instead} end if; return null; end $$;
        create trigger fail {write} execute function public.fail()
        """);

    /// <summary>Whether the server wants to see the password of the engine's role.</summary>
    public async Task AskForPasswordAsync(bool asks)
    {
        await using var file = Admin.CreateCommand("show hba_file");
        var path = (string)(await file.ExecuteScalarAsync())!;
        await RunAsync(
            $"copy (values {(asks ? "('local all app scram-sha-256'), " : "")}('local all all trust')) to '{path}'",
            "select pg_reload_conf()");
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Admin.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>As superuser, one statement after the other, in one session.</summary>
    public async Task RunAsync(params string[] statements)
    {
        await using var connection = await Admin.OpenConnectionAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async Task DisposeAsync()
    {
        await Admin.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
