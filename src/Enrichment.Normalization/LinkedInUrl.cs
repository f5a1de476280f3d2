using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Enrichment.Normalization;

/// <summary>An address of a person or a company on LinkedIn in one spelling.</summary>
public sealed record LinkedInUrl
{
    /// <summary>Public names have at most 100 characters; percent-encoded, more.</summary>
    private const int MaxSlugLength = 300;

    private static readonly SearchValues<char> Base64Url = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly (string Prefix, LinkedInKind Kind)[] Folders =
    [
        ("in/", LinkedInKind.Profile),
        ("mwlite/in/", LinkedInKind.Profile),
        ("sales/lead/", LinkedInKind.MemberId),
        ("sales/people/", LinkedInKind.MemberId),
        ("talent/profile/", LinkedInKind.MemberId),
        ("company/", LinkedInKind.Company),
        ("mwlite/company/", LinkedInKind.Company),
        ("showcase/", LinkedInKind.Company),
        ("sales/company/", LinkedInKind.Company),
        ("school/", LinkedInKind.School),
    ];

    private LinkedInUrl(LinkedInKind kind, string slug)
    {
        Kind = kind;
        Slug = slug;
    }

    /// <summary>What the address points to.</summary>
    public LinkedInKind Kind { get; }

    /// <summary>
    /// The name or id in the path: lower-case, save for a <see cref="LinkedInKind.MemberId"/>; percent-encoded UTF-8 beyond ASCII.
    /// </summary>
    public string Slug { get; }

    /// <summary><c>https://www.linkedin.com/in/jane-doe</c>: no country's sub-domain, no query, no trailing slash.</summary>
    public string Value => $"https://www.linkedin.com/{Folder(Kind, Slug)}/{Slug}";

    /// <summary>Reads a profile's, company's, showcase's or school's address; a page below it counts as the page itself.</summary>
    /// <remarks>
    /// The host may be missing: <c>in/jane-doe</c>. False for other pages, other sites and bare names. Never throws; a parsed
    /// <see cref="Value"/> parses to itself.
    /// </remarks>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LinkedInUrl? url)
    {
        url = null;
        if (BlankText.IsBlank(text) || (!IsPath(text) && !IsLinkedIn(text)))
        {
            return false;
        }

        var path = IsPath(text)
            ? text
            : text.AsSpan(text.IndexOf("linkedin.com", StringComparison.OrdinalIgnoreCase) + "linkedin.com".Length);
        var end = path.IndexOfAny('?', '#');
        path = (end < 0 ? path : path[..end]).Trim().Trim('/');
        return TryReadKind(ref path, out var kind) && TryReadSlug(path, kind, out url);
    }

    /// <summary>The canonical address.</summary>
    public override string ToString() => Value;

    private static bool IsLinkedIn(string text) => HostName.TryParse(HostName.InUrl(text), out var host)
        && (host == "linkedin.com" || host.EndsWith(".linkedin.com", StringComparison.Ordinal));

    private static bool IsPath(string text)
    {
        var path = text.AsSpan().TrimStart().TrimStart('/');
        return path.StartsWith("in/", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith("company/", StringComparison.OrdinalIgnoreCase);
    }

    // A member's id opens below /in/ without a licence; other ids open in Sales Navigator alone.
    private static string Folder(LinkedInKind kind, string slug) => kind switch
    {
        LinkedInKind.Profile => "in",
        LinkedInKind.MemberId => IsMemberId(slug) ? "in" : "sales/lead",
        LinkedInKind.Company => "company",
        _ => "school",
    };

    private static bool TryReadKind(ref ReadOnlySpan<char> path, out LinkedInKind kind)
    {
        foreach (var (prefix, found) in Folders)
        {
            if (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                path = path[prefix.Length..];
                kind = found;
                return true;
            }
        }

        kind = default;
        return false;
    }

    private static bool TryReadSlug(ReadOnlySpan<char> path, LinkedInKind kind, [NotNullWhen(true)] out LinkedInUrl? url)
    {
        url = null;
        // Sales Navigator adds ",NAME_SEARCH,xyz" to the id.
        var end = path.IndexOfAny('/', ',');
        var slug = end < 0 ? path : path[..end];
        if (slug.IsEmpty || slug.Length > MaxSlugLength)
        {
            return false;
        }

        var isId = kind == LinkedInKind.MemberId || (kind == LinkedInKind.Profile && IsMemberId(slug));
        var clean = CleanText.Of(Uri.UnescapeDataString(slug.ToString()), keepSymbols: true);
        var canonical = Uri.EscapeDataString(isId ? clean : clean.ToLowerInvariant().Normalize(NormalizationForm.FormC));
        if (canonical.Length is 0 or > MaxSlugLength || BlankText.IsBlank(canonical))
        {
            return false;
        }

        url = new(isId ? LinkedInKind.MemberId : kind, canonical);
        return true;
    }

    // 39 base64url characters that begin with a type: ACoAA…, ACwAA…, AEMAA…. Public names are lower-case.
    private static bool IsMemberId(ReadOnlySpan<char> slug) => slug.Length is >= 10 and <= 50
        && (slug.StartsWith("ACoAA") || slug.StartsWith("ACwAA") || slug.StartsWith("AEMAA")) && !slug.ContainsAnyExcept(Base64Url);
}
