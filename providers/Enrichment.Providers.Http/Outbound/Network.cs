using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>The world as far as connecting goes; tests put another in its place.</summary>
/// <param name="ResolveAsync">The addresses of a name.</param>
/// <param name="ConnectAsync">A stream to an address. Throws <see cref="SocketException"/>.</param>
/// <param name="Trust">How certificates are judged; null: as the operating system does.</param>
internal sealed record Network(
    Func<string, CancellationToken, Task<IPAddress[]>> ResolveAsync,
    Func<IPEndPoint, CancellationToken, Task<Stream>> ConnectAsync,
    X509ChainPolicy? Trust = null)
{
    public static Network Real { get; } = new(Dns.GetHostAddressesAsync, ConnectRealAsync);

    public static async Task<Stream> ConnectRealAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
