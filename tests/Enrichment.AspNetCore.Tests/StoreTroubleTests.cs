using System.Net;
using Enrichment.Hosting;
using Enrichment.Plans;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Enrichment.AspNetCore.Tests;

/// <summary>
/// In whatever way a store is away, a vendor is told to come again: never an error, never a refusal, and no 2xx for what is not stored.
/// </summary>
public sealed class StoreTroubleTests
{
    private const string Reconnect = "; select pg_terminate_backend(pid) from pg_stat_activity where usename = 'receiver'";

    /// <summary>What drivers throw: a code of PostgreSQL, of SQLite, or neither.</summary>
    public static TheoryData<string> Troubles =>
        [
            "25006",
            "28P01",
            "28000",
            "42501",
            "42P01",
            "3D000",
            "53100",
            "53200",
            "53300",
            "57014",
            "57P01",
            "57P03",
            "40001",
            "40P01",
            "XX000",
            "08P01",
            "SQLITE 5",
            "SQLITE 6",
            "SQLITE 8",
            "SQLITE 10",
            "SQLITE 11",
            "SQLITE 13",
            "SQLITE 14",
            "SQLITE 26",
            "connection",
            "disposed",
            "invalid",
            "time-out",
            "cancelled",
        ];

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task The_vendor_is_told_to_come_again_for_every_exception_of_the_store(string trouble)
    {
        var failing = nameof(IEnrichmentStore.ReadTokenKeysAsync);
        var call = new TaskCompletionSource<StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(call.SetResult),
            ["Globex"],
            describe: e =>
                WatchedStore.PutBefore(
                    e,
                    real =>
                        new(real)
                        {
                            Called = operation =>
                            {
                                if (operation == failing)
                                {
                                    throw Thrown(trouble);
                                }
                            },
                        }));

        // A host that has met no key yet cannot tell what is genuine.
        var stranger = new Uri(receiver.Address, CallbackToken.Create(new(new(0, 1, 1), 1, 1), KeyRing.Passing()).ToString());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), await DeliverAsync(receiver, stranger));
        failing = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await DeliverAsync(receiver, stranger)).Status);

        var batch = await receiver.WorkAsync(async () => await call.Task);
        var address = receiver.AddressOf(await call.Task);
        failing = nameof(IEnrichmentStore.FindBatchAsync);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)),
            await DeliverAsync(receiver, await UnmetAsync(receiver, CallbackToken.Read((await call.Task).CallbackToken!)!)));
        failing = nameof(IEnrichmentStore.ReceiveAsync);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), await DeliverAsync(receiver, address));

        failing = null;
        Assert.Empty(await receiver.InboxAsync(batch));
        Assert.Equal(HttpStatusCode.Accepted, (await DeliverAsync(receiver, address)).Status);
    }

    [Theory]
    [InlineData("alter role receiver nologin" + Reconnect, "alter role receiver login")]
    [InlineData("alter role receiver connection limit 0" + Reconnect, "alter role receiver connection limit -1")]
    [InlineData(
        "alter role receiver set default_transaction_read_only = on" + Reconnect,
        "alter role receiver reset default_transaction_read_only" + Reconnect)]
    [InlineData("revoke insert, update on enrichment.inbox from receiver", "grant insert, update on enrichment.inbox to receiver")]
    [InlineData("revoke usage on schema enrichment from receiver", "grant usage on schema enrichment to receiver")]
    [InlineData("alter table enrichment.inbox rename to away", "alter table enrichment.away rename to inbox")]
    [InlineData(
        "alter role receiver set statement_timeout = '200ms'; commit" + Reconnect + "; begin; lock table enrichment.inbox",
        "rollback")]
    public async Task The_vendor_is_told_to_come_again_until_the_trouble_of_the_database_is_undone(string trouble, string mend)
    {
        await using var cluster = await PostgresCluster.StartAsync();
        var call = new TaskCompletionSource<StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(call.SetResult),
            ["Globex"],
            describe: e => e.UsePostgreSql(cluster.ConnectionString));
        await using var operation = NpgsqlDataSource.Create(cluster.ConnectionString);
        await using var session = await operation.OpenConnectionAsync();
        await ExecuteAsync(
            session,
            "create role receiver login; grant usage on schema enrichment to receiver; grant all on all tables in schema enrichment to receiver");
        var role = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Username = "receiver" }.ConnectionString;
        var batch = await receiver.WorkAsync(async () => await call.Task);
        var (app, host) = await OnlyReceivingAsync(role);
        await using var other = app;
        var token = (await call.Task).CallbackToken!;

        await ExecuteAsync(session, trouble);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), await DeliverAsync(receiver, new(host, token)));
        }

        await ExecuteAsync(session, mend);
        await Wait.UntilAsync(
            async () => (await DeliverAsync(receiver, new(host, token))).Status == HttpStatusCode.Accepted,
            "a delivery is stored after the mend");

        Assert.Equal("msg_1", Assert.Single(await receiver.InboxAsync(batch)).Message);
    }

    private static Exception Thrown(string trouble) =>
        trouble switch
        {
            "connection" => new NpgsqlException("Exception while reading from stream", new IOException("reset")),
            "disposed" => new ObjectDisposedException("NpgsqlConnection"),
            "invalid" => new InvalidOperationException("Connection is not open"),
            "time-out" => new TimeoutException(),
            "cancelled" => new OperationCanceledException(),
            _ when trouble.StartsWith("SQLITE ", StringComparison.Ordinal) => new SqliteException(
                "trouble",
                int.Parse(trouble[7..], System.Globalization.CultureInfo.InvariantCulture)),
            _ => new PostgresException("trouble", "ERROR", "ERROR", trouble),
        };

    /// <summary>The address of a call of a batch that the host has not met.</summary>
    private static async Task<Uri> UnmetAsync(Receiver receiver, CallbackToken token)
    {
        var keys = new KeyRing(await receiver.Engine.Store.ReadTokenKeysAsync(default));
        var (range, item, attempt) = token.Attempt;
        return new(receiver.Address, CallbackToken.Create(new(range with { Batch = range.Batch + 1 }, item, attempt), keys).ToString());
    }

    /// <summary>A host that receives and does nothing else: it has met neither keys nor batches.</summary>
    private static async Task<(WebApplication App, Uri Address)> OnlyReceivingAsync(string connectionString)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddEnrichment(e => e.UsePostgreSql(connectionString).AddStep<VendorStep>());
        var app = builder.Build();
        app.MapEnrichmentCallbacks();
        await app.StartAsync();
        return (app, new(new Uri(app.Urls.Single()), "/callbacks/"));
    }

    private static async Task<(HttpStatusCode Status, TimeSpan? RetryAfter)> DeliverAsync(Receiver receiver, Uri address)
    {
        using var request = Signed.Request(address, Signed.Answer("one"), id: "msg_1");
        using var answer = await receiver.Http.SendAsync(request);
        return (answer.StatusCode, answer.Headers.RetryAfter?.Delta);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
