using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>
/// Which addresses belong to the public internet, by the IANA registries of special-purpose addresses (RFC 6890 and its updates).
/// </summary>
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

    // These serve the host's credentials. A name never allows them, because its owner can point it anywhere.
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

    // The same places one by one, as they may be anywhere inside a longer address.
    private static readonly HashSet<uint> Served =
    [
        .. new[] { "100.100.100.200", "168.63.129.16", "169.254.169.254", "169.254.170.2", "169.254.170.23", "192.0.0.192" }
            .Select(address => BinaryPrimitives.ReadUInt32BigEndian(IPAddress.Parse(address).GetAddressBytes())),
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

    /// <summary>
    /// An address of version 6 that carries such a one inside: mapped, NAT64, 6to4, Teredo, ISATAP, and other forms that a gateway may
    /// unpack.
    /// </summary>
    private static bool EmbeddedMetadata(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        byte[] withoutUniversal = [.. bytes[..8], .. bytes[9..]]; // RFC 6052 section 2.2: byte 8 is left free, also amid the address.
        byte[] inverted = [.. bytes.Select(part => (byte)~part)]; // RFC 4380 section 4: Teredo hides the client's address so.
        return Windows(bytes).Concat(Windows(withoutUniversal)).Concat(Windows(inverted)).Any(Served.Contains)
            || Inside(address, bytes).Any(inside => IsMetadata(new(inside)));
    }

    /// <summary>The address inside, where a prefix says that there is one.</summary>
    private static IEnumerable<byte[]> Inside(IPAddress address, byte[] bytes) => SpecialKind(address) switch
    {
        "IPv4-mapped" or "NAT64" => [bytes[12..]],
        "local NAT64" => [bytes[12..], [bytes[6], bytes[7], bytes[9], bytes[10]]],
        "6to4" => [bytes[2..6]],
        "Teredo" => [bytes[4..8], [.. bytes[12..].Select(part => (byte)~part)]],
        _ => bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 ? [bytes[12..]] : [],
    };

    private static IEnumerable<uint> Windows(byte[] bytes) =>
        Enumerable.Range(0, bytes.Length - 3).Select(start => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(start)));

    private static (IPNetwork Network, string Kind) Range(string network, string kind) => (IPNetwork.Parse(network), kind);
}
