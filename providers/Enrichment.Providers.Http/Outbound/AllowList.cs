using System.Net;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>The hosts inside that may be called nevertheless.</summary>
internal sealed class AllowList(IReadOnlySet<string> names, IReadOnlyList<IPNetwork> networks)
{
    /// <summary>Reads names, addresses and networks; any other text becomes a problem.</summary>
    public static AllowList Parse(IEnumerable<string> entries, List<string> problems)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var networks = new List<IPNetwork>();
        foreach (var entry in entries)
        {
            if (IPNetwork.TryParse(entry, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(entry, out var address))
            {
                networks.Add(new(address, address.GetAddressBytes().Length * 8));
            }
            else if (Uri.CheckHostName(entry) == UriHostNameType.Dns)
            {
                names.Add(Name(entry));
            }
            else
            {
                problems.Add(
                    $"Allow holds '{entry}': expected a host name (vendor.internal), an address (10.1.2.3) or a network (10.1.0.0/16). No scheme, port or path.");
            }
        }

        return new(names, networks);
    }

    /// <summary>Whether a host may be called without TLS: it is named, or it is an address that is.</summary>
    public bool HasHost(string host) => HasName(host) || (IPAddress.TryParse(host, out var address) && HasAddress(address));

    public bool HasName(string host) => names.Contains(Name(host));

    public bool HasAddress(IPAddress address) => networks.Any(network => network.Contains(address));

    /// <summary>A fully qualified name may end in a dot, and is the same name.</summary>
    private static string Name(string host) => host.TrimEnd('.');
}
