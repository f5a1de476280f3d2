using System.Buffers;
using System.Globalization;

namespace Enrichment.Normalization;

/// <summary>Host names of the DNS as people write them, alone or inside an address of the web.</summary>
internal static class HostName
{
    /// <summary>253 octets on the wire (RFC 1035 section 2.3.4), and as many UTF-16 units at most in an international name.</summary>
    private const int MaxLength = 253;

    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> AfterAuthority = SearchValues.Create("/\\?#,;|");
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true, AllowUnassigned = true };

    /// <summary>The host inside <c>scheme://user@host:port/path?query#fragment</c>; any part but the host may be missing.</summary>
    /// <remarks>Of a list (<c>acme.com; acme.de</c>) the first. May be no host at all: <see cref="TryParse"/> decides.</remarks>
    public static ReadOnlySpan<char> InUrl(ReadOnlySpan<char> text)
    {
        text = text.Trim().Trim("\"'<>");
        var rest = AfterScheme(text);
        var end = rest.IndexOfAny(AfterAuthority);
        var authority = end < 0 ? rest : rest[..end];
        var host = authority[(authority.LastIndexOf('@') + 1)..];
        var colon = host.IndexOf(':');
        return (colon < 0 ? host : host[..colon]).Trim();
    }

    /// <summary>
    /// Lower-case ASCII labels (international ones in punycode) of a name with at least two labels, or false: no host, an IP address, a
    /// single label.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out string host)
    {
        host = "";
        text = text.TrimEnd('.');
        if (text.IsEmpty || text.Length > MaxLength)
        {
            return false;
        }

        var name = text.ToString().ToLowerInvariant();
        if (!System.Text.Ascii.IsValid(name) || name.Contains("xn--", StringComparison.Ordinal))
        {
            if (!TryGetAscii(name, out name))
            {
                return false;
            }
        }

        if (!HasValidLabels(name))
        {
            return false;
        }

        host = name;
        return true;
    }

    /// <summary>The name with its international labels in their own script, for people to read.</summary>
    public static string ToUnicode(string host)
    {
        try
        {
            return host.Contains("xn--", StringComparison.Ordinal) ? Idn.GetUnicode(host) : host;
        }
        catch (ArgumentException)
        {
            return host; // IdnMapping's way to say no; TryParse let no such name through.
        }
    }

    private static ReadOnlySpan<char> AfterScheme(ReadOnlySpan<char> text)
    {
        var scheme = text.IndexOf("://");
        if (scheme >= 0 && text[..scheme].IndexOfAny("/.?#@") < 0)
        {
            return text[(scheme + 3)..].TrimStart('/');
        }

        // Slips of the pen: "http:/acme.com", "http//acme.com", "https:\\acme.com".
        foreach (var prefix in (ReadOnlySpan<string>)["https", "http"])
        {
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && text.Length > prefix.Length
                && text[prefix.Length] is ':' or '/' or '\\')
            {
                return text[prefix.Length..].TrimStart(":/\\");
            }
        }

        return text.TrimStart('/');
    }

    private static bool TryGetAscii(string name, out string ascii)
    {
        ascii = "";
        try
        {
            // Through Unicode and back, so that one name has one spelling, and "xn--" labels that decode to nothing are refused.
            ascii = Idn.GetAscii(Idn.GetUnicode(Idn.GetAscii(name))).ToLowerInvariant();
            return ascii.Length <= MaxLength && Idn.GetAscii(Idn.GetUnicode(ascii)) == ascii;
        }
        catch (ArgumentException)
        {
            return false; // IdnMapping's way to say that this is no host name.
        }
    }

    private static bool HasValidLabels(ReadOnlySpan<char> name)
    {
        var labels = 0;
        ReadOnlySpan<char> last = default;
        foreach (var range in name.Split('.'))
        {
            last = name[range];
            labels++;
            if (last.IsEmpty
                || last.Length > MaxLabelLength
                || last[0] == '-'
                || last[^1] == '-'
                || last.ContainsAnyExcept(LabelCharacters))
            {
                return false;
            }
        }

        // No top-level domain has one letter or a digit, except in punycode; an IPv4 address ends in a number.
        return labels >= 2 && last.Length >= 2 && (last.StartsWith("xn--") || !last.ContainsAnyExceptInRange('a', 'z'));
    }
}
