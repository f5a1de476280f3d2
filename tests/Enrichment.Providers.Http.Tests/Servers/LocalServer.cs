using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Enrichment.Providers.Http.Tests.Servers;

/// <summary>A vendor on the loopback whose every byte the test decides.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<Exchange, Task> answer;
    private readonly X509Certificate2? certificate;
    private readonly ConcurrentBag<Task> connections = [];
    private readonly ConcurrentQueue<ReceivedRequest> requests = [];
    private readonly Task accepting;
    private int connectionCount;

    public LocalServer(Func<Exchange, Task> answer, X509Certificate2? certificate = null)
    {
        this.answer = answer;
        this.certificate = certificate;
        listener.Start();
        accepting = AcceptAsync();
    }

    public IReadOnlyList<ReceivedRequest> Requests => [.. requests];

    public int Connections => Volatile.Read(ref connectionCount);

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}";

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(connections);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                Interlocked.Increment(ref connectionCount);
                connections.Add(ServeAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        await using var registration = stop.Token.Register(client.Close);
        try
        {
            Stream stream = client.GetStream();
            if (certificate is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop.Token);
                stream = secure;
            }

            while (await ReadAsync(stream) is { } request)
            {
                requests.Enqueue(request);
                var exchange = new Exchange(request, stream, stop.Token);
                await answer(exchange);
                if (exchange.Closes)
                {
                    if (stream is SslStream secured)
                    {
                        await secured.ShutdownAsync(); // Says goodbye, as servers do that close a connection they deem idle.
                    }

                    return;
                }
            }
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or SocketException
                        or ObjectDisposedException
                        or OperationCanceledException
                        or AuthenticationException)
        {
            // The client has gone, which is what several tests are about.
        }
    }

    private static async Task<ReceivedRequest?> ReadAsync(Stream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || head[^1] != '\n' || head[^3] != '\n')
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var first = lines[0].Split(' ');
        var headers = lines[1..]
            .Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body);
        return new(first[0], first[1], headers, Encoding.UTF8.GetString(body));
    }
}
