using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Npgsql;

namespace Enrichment.TestKit;

/// <summary>
/// A way to a PostgreSQL server on this machine that is as long as one wants, and counts round trips: what goes in comes out after half of
/// one, on either side. It delays and does not narrow: as many bytes are under way as fit into the time.
/// </summary>
public sealed class SlowLink : IAsyncDisposable
{
    private const int PieceBytes = 1 << 16;
    private const int PiecesUnderWay = 1 << 10;

    private readonly CancellationTokenSource closing = new();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Task accepting;
    private long roundTrips;

    /// <param name="server">A connection string to the server, over loopback or a Unix socket, without encryption.</param>
    /// <param name="roundTrip">How much longer a round trip takes; zero counts only.</param>
    public SlowLink(string server, TimeSpan roundTrip)
    {
        var address = new NpgsqlConnectionStringBuilder(server);
        EndPoint place = address.Host!.StartsWith('/')
            ? new UnixDomainSocketEndPoint(Path.Combine(address.Host, $".s.PGSQL.{address.Port}"))
            : new IPEndPoint(IPAddress.Loopback, address.Port);
        listener.Start();
        accepting = AcceptAsync(place, roundTrip / 2);
    }

    /// <summary>How often the server was asked after it had answered, on all connections.</summary>
    public long RoundTrips => Interlocked.Read(ref roundTrips);

    /// <summary>A connection string to the server, by this way.</summary>
    public string Through(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)listener.LocalEndpoint).Port,
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        closing.Dispose();
    }

    private async Task AcceptAsync(EndPoint place, TimeSpan delay)
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync(closing.Token);
            _ = ConnectAsync(client, place, delay);
        }
    }

    private async Task ConnectAsync(TcpClient client, EndPoint place, TimeSpan delay)
    {
        using (client)
        using (var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Unspecified))
        {
            client.NoDelay = true;
            if (place is IPEndPoint)
            {
                socket.NoDelay = true;
            }

            await socket.ConnectAsync(place, closing.Token);
            await using var server = new NetworkStream(socket);
            var hasAnswered = 1;
            await Task.WhenAny(
                CarryAsync(client.GetStream(), server, delay, Ask),
                CarryAsync(server, client.GetStream(), delay, () => Volatile.Write(ref hasAnswered, 1)));

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
