using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Enrichment.Providers.Http.Outbound;

namespace Enrichment.Providers.Http.Tests.Servers;

/// <summary>Names, public addresses and certificates that lead to servers on the loopback.</summary>
internal sealed class FakeInternet : IDisposable
{
    private readonly Dictionary<string, Queue<IPAddress[]>> names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<IPAddress, int> ports = [];
    private readonly ConcurrentQueue<IPAddress> connected = [];

    public FakeInternet()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=vendor.test", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddDnsName("vendor.test");
        alternatives.AddDnsName("*.vendor.test");
        alternatives.AddDnsName("other.test");
        request.CertificateExtensions.Add(alternatives.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
        Certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(Certificate);
        Network = new(ResolveAsync, ConnectAsync, trust);
    }

    /// <summary>Good for vendor.test, all below it, and other.test.</summary>
    public X509Certificate2 Certificate { get; }

    public Network Network { get; }

    /// <summary>The addresses that were connected to, whether or not something listened there.</summary>
    public IReadOnlyList<string> Connected => [.. connected.Select(address => address.ToString())];

    /// <summary>Each set of addresses is answered once, the last one for ever. An address is written as IPAddress reads it.</summary>
    public FakeInternet Name(string name, params string[] answers)
    {
        names[name] = new(
            answers.Select(answer => answer.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse).ToArray()));
        return this;
    }

    public FakeInternet Listen(string address, LocalServer server)
    {
        ports[IPAddress.Parse(address)] = server.Port;
        return this;
    }

    public OutboundHttp Http(OutboundHttpOptions? options = null, TimeProvider? time = null) =>
        new(options ?? new() { Retries = 0 }, time ?? TimeProvider.System, Network);

    public void Dispose() => Certificate.Dispose();

    private Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) => names.TryGetValue(name, out var answers)
        ? Task.FromResult(answers.Count > 1 ? answers.Dequeue() : answers.Peek())
        : throw new SocketException((int)SocketError.HostNotFound);

    private Task<Stream> ConnectAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        connected.Enqueue(endpoint.Address);
        return ports.TryGetValue(endpoint.Address, out var port)
            ? Network.ConnectRealAsync(new(IPAddress.Loopback, port), cancellationToken)
            : throw new SocketException((int)SocketError.ConnectionRefused);
    }
}
