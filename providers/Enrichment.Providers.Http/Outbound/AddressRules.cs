using System.Net;
using System.Net.Sockets;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>Which addresses belong to the public internet, by the IANA registries of special-purpose addresses (RFC 6890 and its updates).</summary>
internal static class AddressRules
{
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly (IPNetwork Network, string Kind)[] Special =
    [
        Range("0.0.0.0/8", "this network"),
        Range("10.0.0.0/8", "private"),
        Range("100.64.0.0/10", "carrier-grade NAT"),
        Range("127.0.0.0/8", "loopback"),
        Range("168.63.129.16/32", "a cloud's metadata"),
        Range("169.254.0.0/16", "link-local, where clouds serve their metadata"),
        Range("172.16.0.0/12", "private"),
        Range("192.0.0.0/24", "protocol assignments"),
        Range("192.0.2.0/24", "documentation"),
        Range("192.88.99.0/24", "6to4 relay"),
        Range("192.168.0.0/16", "private"),
        Range("198.18.0.0/15", "benchmarking"),
        Range("198.51.100.0/24", "documentation"),
        Range("203.0.113.0/24", "documentation"),
        Range("224.0.0.0/4", "multicast"),
        Range("240.0.0.0/4", "reserved"),
        Range("::/128", "unspecified"),
        Range("::1/128", "loopback"),
        Range("64:ff9b::/96", "NAT64"),
        Range("64:ff9b:1::/48", "local NAT64"),
        Range("100::/64", "discard"),
        Range("2001::/32", "Teredo"),
        Range("2001::/23", "protocol assignments"),
        Range("2001:db8::/32", "documentation"),
        Range("2002::/16", "6to4"),
        Range("3fff::/20", "documentation"),
        Range("fc00::/7", "unique local"),
        Range("fe80::/10", "link-local"),
        Range("fec0::/10", "site-local"),
        Range("ff00::/8", "multicast"),
    ];

    // Whoever can read these has the host's credentials, so that a name, which its owner can point anywhere, never opens them.
    private static readonly IPNetwork[] Metadata =
    [
        IPNetwork.Parse("100.100.100.200/32"), // Alibaba
        IPNetwork.Parse("168.63.129.16/32"), // Azure
        IPNetwork.Parse("169.254.0.0/16"), // AWS, Azure, Google, and the rest
        IPNetwork.Parse("192.0.0.192/32"), // Oracle
        IPNetwork.Parse("fd00:ec2::/32"), // AWS
        IPNetwork.Parse("fd20:ce::/32"), // Google
        IPNetwork.Parse("fe80::/10"),
    ];

    /// <summary>What kind of special address this is; null if it belongs to the public internet.</summary>
    public static string? SpecialKind(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return "IPv4-mapped"; // IPNetwork would look at the IPv4 address inside; no name server has a reason to answer such.
        }

        foreach (var (network, kind) in Special)
        {
            if (network.Contains(address))
            {
                return kind;
            }
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 && !GlobalUnicast.Contains(address) ? "reserved" : null;
    }

    /// <summary>Whether a cloud may serve its credentials there.</summary>
    public static bool IsMetadata(IPAddress address) =>
        Metadata.Any(network => network.Contains(address)) || EmbeddedMetadata(address);

    /// <summary>NAT64 and 6to4 lead to an IPv4 address that they carry inside.</summary>
    private static bool EmbeddedMetadata(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        return SpecialKind(address) switch
        {
            "NAT64" or "local NAT64" => IsMetadata(new IPAddress(bytes.AsSpan(12, 4))),
            "6to4" => IsMetadata(new IPAddress(bytes.AsSpan(2, 4))),
            _ => false,
        };
    }

    private static (IPNetwork Network, string Kind) Range(string network, string kind) => (IPNetwork.Parse(network), kind);
}
