using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Enrichment.Callbacks;
using Enrichment.Plans;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests;

/// <summary>What a stranger, or the holder of one token, tries against the receiver over the wire.</summary>
public sealed class AttackTests
{
    [Fact]
    public async Task A_flood_of_forgeries_is_told_to_the_log_once_in_five_seconds()
    {
        var log = new ConcurrentQueue<string>();
        var (receiver, token) = await SentAsync(e => e.Services.AddSingleton<ILoggerProvider>(new HeardLog(log)));
        await using var host = receiver;

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(401, await receiver.DeliverAsync(Signed.Request(new(receiver.Address, $"forged-{i}"), Signed.Answer("forged"))));
            Assert.Equal(
                401,
                await receiver.DeliverAsync(
                    Signed.Request(
                        new(receiver.Address, CallbackToken.Create(CallbackToken.Read(token)!.Attempt, Plans.KeyRing.Passing()).ToString()),
                        "{}")));
        }

        Assert.InRange(log.Count(line => line.Contains("A delivery was refused", StringComparison.Ordinal)), 1, 99);
        Assert.DoesNotContain(log, line => line.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_is_told_to_send_a_body_before_its_token_was_checked()
    {
        var (receiver, token) = await SentAsync();
        await using var host = receiver;

        using var forged = await RawAsync(
            receiver,
            "POST /callbacks/forged HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4000\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", await LineAsync(forged), StringComparison.Ordinal);
        using var genuine = await RawAsync(
            receiver,
            $"POST /callbacks/{token} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4000\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 ", await LineAsync(genuine), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_in_chunks_without_end_is_refused_at_the_limit()
    {
        var (receiver, token) = await SentAsync();
        await using var host = receiver;
        using var endless = await RawAsync(receiver, $"POST /callbacks/{token} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");

        var answer = LineAsync(endless);
        var chunk = Encoding.ASCII.GetBytes($"400\r\n{new string('x', 1024)}\r\n");
        for (var i = 0; i < 1000 && !answer.IsCompleted; i++)
        {
            try
            {
                await endless.GetStream().WriteAsync(chunk);
            }
            catch (IOException)
            {
                break; // The server has closed.
            }
        }

        Assert.StartsWith("HTTP/1.1 413 ", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_HTTP_or_breaks_off_is_no_error_of_the_server()
    {
        var log = new ConcurrentQueue<string>();
        var (receiver, token) = await SentAsync(e => e.Services.AddSingleton<ILoggerProvider>(new HeardLog(log)));
        await using var host = receiver;

        using var nonsense = await RawAsync(
            receiver,
            $"POST /callbacks/{token} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n");
        Assert.Matches("^HTTP/1.1 (400|408) ", await LineAsync(nonsense));
        for (var i = 0; i < 20; i++)
        {
            using var left = await RawAsync(receiver, $"POST /callbacks/{token} HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\nhalf");
        }

        Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(new(receiver.Address, token), Signed.Answer("genuine"))));
        Assert.DoesNotContain(
            log,
            line =>
                line.Contains("did not answer", StringComparison.Ordinal) || line.Contains("unhandled", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Streams_of_one_HTTP_2_connection_that_stall_keep_no_genuine_delivery_out()
    {
        var (receiver, token) = await SentAsync(
            e =>
                e.ConfigureCallbacks(
                    new()
                    {
                        MaxBodyBytes = 4096,
                        QueueBytes = 16 * 4096,
                        BodyTimeout = TimeSpan.FromMinutes(5),
                    }),
            kestrel: endpoint => endpoint.Protocols = HttpProtocols.Http2);
        await using var host = receiver;
        using var http = new HttpClient
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var stop = new CancellationTokenSource();
        var stalled = Enumerable
            .Range(0, 40)
            .Select(_ => http.PostAsync(new Uri(receiver.Address, token), new StallingContent(4095), stop.Token))
            .ToList();
        await Task.WhenAny(stalled); // There are more than may be held.

        for (var i = 0; i < 50; i++)
        {
            using var request = Signed.Request(new(receiver.Address, token), Signed.Answer("genuine"), id: "msg_1");
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
            using var answer = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        await stop.CancelAsync();
        await Task.WhenAll(stalled.Select(sent => sent.ContinueWith(_ => { }, TaskScheduler.Default)));
    }

    [Fact]
    public async Task A_body_that_the_host_expands_is_bounded_by_what_it_expands_to()
    {
        var (receiver, token) = await SentAsync(
            e => e.Services.AddRequestDecompression(), app: app => app.UseRequestDecompression());
        await using var host = receiver;
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var i = 0; i < 1000; i++)
            {
                await gzip.WriteAsync(new byte[64 * 1024]);
            }
        }

        using var content = new ByteArrayContent(bomb.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await receiver.Http.PostAsync(new Uri(receiver.Address, token), content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task However_a_path_is_spelt_it_is_no_error_and_only_the_token_itself_is_let_in()
    {
        var (receiver, token) = await SentAsync();
        await using var host = receiver;
        string[] paths =
        [
            "/callbacks",
            "/callbacks/",
            "/callbacks//",
            $"/callbacks//{token}",
            $"/callbacks/{token}/{token}",
            $"/callbacks/{token}%00",
            $"/callbacks/%00{token}",
            $"/callbacks/{token}%2F",
            $"/callbacks/{token}.",
            $"/callbacks/{token};a=b",
            $"/callbacks/{token}%20",
            $"/callbacks/{token}=",
            $"/callbacks/{token}{token}",
            $"/callbacks/{token[..^1]}",
            $"/callbacks/..%2f{token}",
            "/callbacks/steps",
            "/callbacks/steps/",
            $"/callbacks/steps/{token}",
            "/callbacks/steps/%ff",
            "/callbacks/%c0%ae",
            "/callbacks/" + new string('A', 7000),
            $"/callbacks/{token.ToUpperInvariant()}",
            $"/callbacks/{token.Replace('-', '+').Replace('_', '/')}+",
        ];

        foreach (var path in paths)
        {
            using var raw = await RawAsync(receiver, $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}");
            Assert.Matches("^HTTP/1.1 (400|401|404|405|414) ", await LineAsync(raw));
        }

        foreach (var method in new[] { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" })
        {
            using var raw = await RawAsync(receiver, $"{method} /callbacks/{token} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 405 ", await LineAsync(raw), StringComparison.Ordinal);
        }

        Assert.Empty(await receiver.InboxOfAllAsync());
    }

    [Fact]
    public async Task A_delivery_that_the_store_cannot_take_keeps_no_other_out_that_comes_with_it()
    {
        var (taken, first) = (new TaskCompletionSource(), 1);
        var (receiver, token) = await SentAsync(e => WatchedStore.PutBefore(e, real => new(real)
        {
            Receives = deliveries =>
            {
                if (Interlocked.Exchange(ref first, 0) == 1)
                {
                    taken.Task.Wait(); // The others gather meanwhile, to be stored together.
                }

                if (deliveries.Any(delivery => delivery.Message == "msg_13"))
                {
                    throw new Npgsql.PostgresException("cannot be stored", "ERROR", "ERROR", "22021");
                }
            },
        }));
        await using var host = receiver;

        var answers = Enumerable
            .Range(0, 20)
            .Select(n => receiver.DeliverAsync(Signed.Request(new(receiver.Address, token), Signed.Answer("genuine"), id: $"msg_{n}")))
            .ToList();
        taken.SetResult();

        Assert.Equal(Enumerable.Range(0, 20).Select(n => n == 13 ? 503 : 202), await Task.WhenAll(answers));
    }

    [Fact]
    public async Task A_delivery_to_a_host_that_stops_is_asked_to_come_again()
    {
        var (receiver, token) = await SentAsync();
        await using var host = receiver;
        await receiver.Services.GetRequiredService<CallbackReceiver>().DisposeAsync();

        Assert.Equal(503, await receiver.DeliverAsync(Signed.Request(new(receiver.Address, token), Signed.Answer("late"))));
    }

    private static async Task<(Receiver Receiver, string Token)> SentAsync(
        Action<EnrichmentBuilder>? describe = null, Action<ListenOptions>? kestrel = null, Action<WebApplication>? app = null)
    {
        var call = new TaskCompletionSource<StepContext>();
        var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(call.SetResult),
            ["Globex"],
            describe: describe,
            kestrel: kestrel,
            app: app);
        await receiver.WorkAsync(async () => await call.Task);
        return (receiver, (await call.Task).CallbackToken!);
    }

    private static async Task<TcpClient> RawAsync(Receiver receiver, string request)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(receiver.Address.Host, receiver.Address.Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        return connection;
    }

    private static async Task<string> LineAsync(TcpClient connection)
    {
        using var patience = new CancellationTokenSource(Wait.Patience, TimeProvider.System);
        return await new StreamReader(connection.GetStream(), leaveOpen: true).ReadLineAsync(patience.Token) ?? "";
    }

    /// <summary>So many bytes, and then nothing more, as long as its request is not given up.</summary>
    private sealed class StallingContent(int bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, default);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(new byte[bytes], cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes + 1;
            return true;
        }
    }
}
