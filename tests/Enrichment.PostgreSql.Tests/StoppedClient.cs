using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>
/// A client that stops in the middle of a transaction of several statements sent at once, as a process does that is suspended: the server
/// has run the first of them, holds its locks, and waits for the rest.
/// </summary>
internal sealed class StoppedClient : IAsyncDisposable
{
    private const int Version3 = 196608;

    private readonly Socket socket;
    private readonly NetworkStream stream;

    private StoppedClient(Socket socket) => (this.socket, stream) = (socket, new(socket, ownsSocket: true));

    /// <summary>Runs one statement and says nothing more.</summary>
    /// <param name="connectionString">To a server that asks for no password.</param>
    /// <param name="sql">The statement.</param>
    public static async Task<StoppedClient> AfterAsync(string connectionString, string sql)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        var socket = to.Host!.StartsWith('/')
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new(SocketType.Stream, ProtocolType.Tcp);
        if (to.Host.StartsWith('/'))
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(to.Host, $".s.PGSQL.{to.Port}")));
        }
        else
        {
            await socket.ConnectAsync(to.Host, to.Port);
        }

        var client = new StoppedClient(socket);
        await client.SendAsync(
            null,
            [.. Number(Version3), .. Text("user"), .. Text(to.Username!), .. Text("database"), .. Text(to.Database!), 0]);
        await client.ReadUntilAsync('Z');
        await client.SendAsync('P', [.. Text(""), .. Text(sql), 0, 0]);
        await client.SendAsync('B', [.. Text(""), .. Text(""), 0, 0, 0, 0, 0, 0]);
        await client.SendAsync('E', [.. Text(""), .. Number(0)]);
        await client.SendAsync('H', []);
        await client.ReadUntilAsync('C');
        return client;
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private async Task SendAsync(char? kind, byte[] body) =>
        await stream.WriteAsync(
            (byte[])[.. kind is { } letter ? [(byte)letter] : Array.Empty<byte>(), .. Number(body.Length + 4), .. body]);

    private async Task ReadUntilAsync(char kind)
    {
        var head = new byte[5];
        do
        {
            await stream.ReadExactlyAsync(head);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            await stream.ReadExactlyAsync(body);
            if (head[0] == 'E')
            {
                throw new InvalidOperationException(Encoding.UTF8.GetString(body));
            }
        }
        while (head[0] != kind);
    }
}
