using System.IO.Compression;
using System.Text;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.Testing;

namespace Enrichment.Providers.Http.Tests.Outbound;

/// <summary>Whatever a server does, a call ends, and takes no more than it may.</summary>
[Collection(nameof(Alone))]
public sealed class LimitTests
{
    private const int Limit = 64 * 1024;

    private static readonly OutboundHttpOptions Local = new()
    {
        Allow = ["127.0.0.0/8"],
        MaxBodyBytes = Limit,
        MaxHeaderBytes = 2048,
        Retries = 0,
    };

    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    public async Task A_server_that_falls_silent_is_left_at_the_deadline(string begins)
    {
        var clock = new FakeClock();
        await using var server = new LocalServer(async exchange =>
        {
            await exchange.WriteAsync(begins);
            reached.TrySetResult();
            await exchange.HangAsync();
        });
        using var http = new OutboundHttp(Local, clock);

        var call = http.SendAsync(new(HttpMethod.Get, server.Url), default);
        await reached.Task;
        Assert.False(call.IsCompleted);
        clock.Advance(Local.Deadline);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => call);
        Assert.Equal((OutboundFault.TimedOut, true), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal($"http://127.0.0.1:{server.Port} did not answer within 55 seconds.", fault.Message);
    }

    [Fact]
    public async Task A_read_that_is_over_its_deadline_has_done_nothing()
    {
        var clock = new FakeClock();
        await using var server = new LocalServer(exchange =>
        {
            reached.TrySetResult();
            return exchange.HangAsync();
        });
        using var http = new OutboundHttp(Local, clock);

        var call = http.ReadAsync(new(HttpMethod.Get, server.Url), default);
        await reached.Task;
        clock.Advance(Local.Deadline);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => call);
        Assert.Equal((OutboundFault.TimedOut, false), (fault.Fault, fault.WorkMayBeDone));
    }

    [Fact]
    public async Task The_callers_wish_to_stop_is_no_fault()
    {
        using var wish = new CancellationTokenSource();
        await using var server = new LocalServer(exchange =>
        {
            reached.TrySetResult();
            return exchange.HangAsync();
        });
        using var http = new OutboundHttp(Local);

        var call = http.SendAsync(new(HttpMethod.Get, server.Url), wish.Token);
        await reached.Task;
        await wish.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "0123456789abcdef")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", "0123456789abcdef")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n")]
    public async Task An_endless_body_is_left_at_the_limit(string head, string piece)
    {
        await using var server = new LocalServer(exchange => WriteForeverAsync(exchange, head, piece));
        using var http = new OutboundHttp(Local);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(HttpMethod.Get, server.Url), default));

        Assert.Equal((OutboundFault.TooLarge, true), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal(
            $"http://127.0.0.1:{server.Port} answered 200 with a body of more than 65536 bytes, counted after decompression. If such answers are expected, raise OutboundHttpOptions.MaxBodyBytes.",
            fault.Message);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_compressed_bomb_is_left_at_the_limit_and_never_unpacked(string encoding)
    {
        var bomb = Compressed(encoding, new byte[64 * 1024 * 1024]);
        await using var server = new LocalServer(exchange => exchange.RespondAsync(200, bomb, $"Content-Encoding: {encoding}"));
        using var http = new OutboundHttp(Local);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(HttpMethod.Get, server.Url), default));

        Assert.Equal(OutboundFault.TooLarge, fault.Fault);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 * 1024 * 1024);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_compressed_body_within_the_limit_is_read(string encoding)
    {
        var text = new string('x', Limit);
        await using var server = new LocalServer(exchange =>
            exchange.RespondAsync(
                200,
                Compressed(encoding, Encoding.ASCII.GetBytes(text)),
                $"Content-Encoding: {encoding}",
                "Content-Type: text/plain"));
        using var http = new OutboundHttp(Local);

        using var response = await http.SendAsync(new(HttpMethod.Get, server.Url), default);

        Assert.Equal(text, await response.Content.ReadAsStringAsync());
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains(encoding, server.Requests[0].Headers["Accept-Encoding"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_body_that_is_not_what_its_encoding_says_is_no_answer(string encoding)
    {
        await using var server = new LocalServer(exchange =>
            exchange.RespondAsync(200, Enumerable.Repeat((byte)0xFF, 100).ToArray(), $"Content-Encoding: {encoding}"));
        using var http = new OutboundHttp(Local);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(HttpMethod.Get, server.Url), default));

        Assert.Equal((OutboundFault.Broken, true), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal($"The body that http://127.0.0.1:{server.Port} answered cannot be decompressed.", fault.Message);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nX-Long: ", "0123456789abcdef")]
    [InlineData("HTTP/1.1 200 OK\r\n", "X-Many: 0123456789\r\n")]
    public async Task Endless_headers_are_left_at_the_limit(string head, string piece)
    {
        await using var server = new LocalServer(exchange => WriteForeverAsync(exchange, head, piece));
        using var http = new OutboundHttp(Local);

        var fault = await Assert.ThrowsAsync<OutboundException>(() => http.SendAsync(new(HttpMethod.Get, server.Url), default));

        Assert.Equal((OutboundFault.TooLarge, true), (fault.Fault, fault.WorkMayBeDone));
        Assert.Equal(
            $"http://127.0.0.1:{server.Port} answered with headers of more than 2048 bytes. If such answers are expected, raise OutboundHttpOptions.MaxHeaderBytes.",
            fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [InlineData("HTTP/1.1 999999 OK\r\n\r\n")]
    public async Task An_answer_that_breaks_off_or_is_none_may_hide_work(string answer)
    {
        await using var server = new LocalServer(async exchange =>
        {
            await exchange.WriteAsync(answer);
            exchange.Close();
        });
        using var http = new OutboundHttp(Local);

        var fault = await Assert.ThrowsAsync<OutboundException>(() =>
            http.SendAsync(new(HttpMethod.Post, server.Url) { Content = new StringContent("{}") }, default));

        Assert.Equal((OutboundFault.Broken, true), (fault.Fault, fault.WorkMayBeDone));
    }

    private static async Task WriteForeverAsync(Exchange exchange, string head, string piece)
    {
        await exchange.WriteAsync(head);
        var pieces = string.Concat(Enumerable.Repeat(piece, 64));
        while (true)
        {
            await exchange.WriteAsync(pieces);
        }
    }

    private static byte[] Compressed(string encoding, byte[] plain)
    {
        using var packed = new MemoryStream();
        using (Stream packer = encoding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            packer.Write(plain);
        }

        return packed.ToArray();
    }
}
