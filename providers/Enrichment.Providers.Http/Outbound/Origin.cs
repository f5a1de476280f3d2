namespace Enrichment.Providers.Http.Outbound;

/// <summary>What may be said of an address. Paths hold tokens, queries hold keys, both hold personal data.</summary>
internal static class Origin
{
    public static string Of(Uri uri) => uri.IsDefaultPort ? $"{uri.Scheme}://{Host(uri)}" : $"{uri.Scheme}://{Host(uri)}:{uri.Port}";

    private static string Host(Uri uri) => uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
}
