using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests;

/// <summary>What anybody can send takes neither memory nor the store nor the log from those who are genuine.</summary>
public sealed class FloodTests
{
    private const int MaxBodyBytes = 4096;

    // Of batch 99, stage, item and attempt 1, as it would be, but for the code at its end.
    private const string Forged = "AQAAAABjAAEAAAABAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    [Fact]
    public async Task While_65_senders_stall_in_their_bodies_genuine_deliveries_are_answered_202()
    {
        var call = new TaskCompletionSource<StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(call.SetResult),
            ["Globex"],
            describe: e =>
                e.ConfigureCallbacks(
                    new()
                    {
                        MaxBodyBytes = MaxBodyBytes,
                        QueueBytes = 64 * MaxBodyBytes,
                        BodyTimeout = TimeSpan.FromMinutes(5),
                    }));
        await receiver.WorkAsync(async () => await call.Task);
        var context = await call.Task;
        List<TcpClient> stalled = [];
        for (var i = 0; i < 65; i++)
        {
            stalled.Add(
                await HalfAsync(
                    receiver,
                    i % 2 == 0 ? context.CallbackToken! : "steps/vendor.signed",
                    sent: MaxBodyBytes - 1,
                    of: MaxBodyBytes));
        }

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(
                202,
                await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), Signed.Answer("genuine"), id: $"msg_{i % 3}")));
        }

        stalled.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task A_body_that_stops_is_answered_408_and_its_connection_closed()
    {
        var call = new TaskCompletionSource<StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(call.SetResult),
            ["Globex"],
            describe: e => e.ConfigureCallbacks(new() { BodyTimeout = TimeSpan.FromSeconds(1) }));
        await receiver.WorkAsync(async () => await call.Task);

        using var half = await HalfAsync(receiver, (await call.Task).CallbackToken!, sent: 3000, of: 4000);

        using var patience = new CancellationTokenSource(Wait.Patience, TimeProvider.System);
        var answer = await new StreamReader(half.GetStream()).ReadToEndAsync(patience.Token);
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("no-token")]
    [InlineData(Forged)]
    [InlineData("steps/vendor.other")]
    public async Task Of_a_delivery_to_nobody_the_body_is_not_waited_for(string address)
    {
        await using var receiver = await Receiver.StartAsync<VendorStep>(VendorStep.Script(_ => { }), ["Globex"]);

        using var half = await HalfAsync(receiver, address, sent: 1, of: 4000);

        using var patience = new CancellationTokenSource(Wait.Patience, TimeProvider.System);
        Assert.StartsWith(
            "HTTP/1.1 401 ",
            await new StreamReader(half.GetStream()).ReadLineAsync(patience.Token),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_name_the_step_and_what_is_too_large_is_counted()
    {
        var reasons = new ConcurrentDictionary<string, int>();
        var call = new TaskCompletionSource<StepContext>();
        await using (
            var receiver = await Receiver.StartAsync<VendorStep>(
                VendorStep.Script(call.SetResult),
                ["Globex"],
                describe: e => Collect(e, reasons)))
        {
            await receiver.WorkAsync(async () => await call.Task);
            var address = receiver.AddressOf(await call.Task);
            var forged = Signed.Request(address, Signed.Answer("forged"));
            forged.Content = new StringContent("another body");
            Assert.Equal(401, await receiver.DeliverAsync(forged));
            Assert.Equal(413, await receiver.DeliverAsync(Signed.Request(address, Signed.Answer(new string('x', 5000)))));
        }

        Assert.Equal(
            ["its body is larger than 4096 bytes 1", "vendor.signed: no signature is right 1"],
            reasons.Select(reason => $"{reason.Key} {reason.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_delivery_that_this_host_cannot_check_is_asked_to_come_again_and_logged_once()
    {
        var reasons = new ConcurrentDictionary<string, int>();
        var log = new ConcurrentQueue<string>();
        var call = new TaskCompletionSource<StepContext>();
        await using (var receiver = await Receiver.StartAsync<UncheckedStep>(VendorStep.Script(call.SetResult), ["Globex"], describe: e =>
        {
            Collect(e, reasons);
            e.Services.AddSingleton<ILoggerProvider>(new HeardLog(log));
        }))
        {
            await receiver.WorkAsync(async () => await call.Task);
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(503, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(await call.Task), Signed.Answer("any"))));
            }
        }

        var (reason, times) = Assert.Single(reasons);
        Assert.Equal(
            (
                "vendor.unchecked: not checked, the vendor was asked to deliver again: it threw System.InvalidCastException. Its message is not kept (WorkerOptions.KeepExceptionMessages).",
                20),
            (reason, times));
        // Once in five seconds.
        Assert.InRange(log.Count(line => line.Contains("cannot be authenticated", StringComparison.Ordinal)), 1, 19);
    }

    private static void Collect(EnrichmentBuilder builder, ConcurrentDictionary<string, int> reasons) =>
        WatchedStore.PutBefore(
            builder,
            real =>
                new(real)
                {
                    Refused = refused =>
                    {
                        foreach (var (reason, times) in refused)
                        {
                            reasons.AddOrUpdate(reason, times, (_, before) => before + times);
                        }
                    },
                });

    /// <summary>A delivery whose sender stops in the middle of its body.</summary>
    private static async Task<TcpClient> HalfAsync(Receiver receiver, string to, int sent, int of)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(receiver.Address.Host, receiver.Address.Port);
        await connection
            .GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes($"POST /callbacks/{to} HTTP/1.1\r\nHost: a\r\nContent-Length: {of}\r\n\r\n{new string('x', sent)}"));
        return connection;
    }
}

/// <summary>A step whose host cannot say how its deliveries prove themselves.</summary>
[EnrichmentStep(
    "vendor.unchecked",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    DeadlineSeconds = 600,
    Options = typeof(VendorOptions))]
public sealed class UncheckedStep : VendorStep
{
    public override CallbackAuthentication Authentication(object? options) => throw new InvalidCastException("no such options");
}
