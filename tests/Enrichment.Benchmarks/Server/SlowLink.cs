using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Enrichment.Benchmarks.Server;

/// <summary>
/// A way to the server that is as long as one wants: what goes in comes out after half a round trip, on either side. It delays and does not
/// narrow: as many bytes are under way as fit into the time.
/// </summary>
internal sealed class SlowLink : IAsyncDisposable
{
    private const int PieceBytes = 1 << 16;
    private const int PiecesUnderWay = 1 << 10;

    private readonly CancellationTokenSource closing = new();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Task accepting;
    private long roundTrips;

    /// <param name="port">The server's port on loopback.</param>
    /// <param name="roundTrip">How much longer a round trip takes.</param>
    public SlowLink(int port, TimeSpan roundTrip)
    {
        listener.Start();
        accepting = AcceptAsync(port, roundTrip / 2);
    }

    /// <summary>The port to connect to.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How often the server was asked after it had answered, on all connections.</summary>
    public long RoundTrips => Interlocked.Read(ref roundTrips);

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        closing.Dispose();
    }

    private async Task AcceptAsync(int port, TimeSpan delay)
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync(closing.Token);
            _ = ConnectAsync(client, port, delay);
        }
    }

    private async Task ConnectAsync(TcpClient client, int port, TimeSpan delay)
    {
        using (client)
        using (var server = new TcpClient { NoDelay = true })
        {
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, port, closing.Token);
            var hasAnswered = 1;
            await Task.WhenAny(
                CarryAsync(client.GetStream(), server.GetStream(), delay, Ask),
                CarryAsync(server.GetStream(), client.GetStream(), delay, () => Volatile.Write(ref hasAnswered, 1)));

            void Ask()
            {
                if (Interlocked.Exchange(ref hasAnswered, 0) == 1)
                {
                    Interlocked.Increment(ref roundTrips);
                }
            }
        }
    }

    private async Task CarryAsync(NetworkStream from, NetworkStream to, TimeSpan delay, Action note)
    {
        var underWay = Channel.CreateBounded<(DateTimeOffset Due, byte[] Bytes)>(PiecesUnderWay);
        await Task.WhenAll(ReadAsync(), WriteAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task ReadAsync()
        {
            try
            {
                var piece = new byte[PieceBytes];
                for (int length; (length = await from.ReadAsync(piece, closing.Token)) > 0;)
                {
                    note();
                    await underWay.Writer.WriteAsync((TimeProvider.System.GetUtcNow() + delay, piece[..length]), closing.Token);
                }
            }
            finally
            {
                underWay.Writer.Complete();
            }
        }

        async Task WriteAsync()
        {
            await foreach (var (due, bytes) in underWay.Reader.ReadAllAsync(closing.Token))
            {
                if (due - TimeProvider.System.GetUtcNow() is { Ticks: > 0 } left)
                {
                    await Task.Delay(left, TimeProvider.System, closing.Token);
                }

                await to.WriteAsync(bytes, closing.Token);
            }
        }
    }
}
