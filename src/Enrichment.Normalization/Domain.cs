using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Enrichment.Normalization;

/// <summary>
/// A registrable domain in one spelling: <c>HTTP://user@WWW.Acme.co.uk:8080/x?y</c> and <c>shop.acme.co.uk.</c> are both <c>acme.co.uk</c>.
/// </summary>
/// <remarks>
/// Registrable means one label below a public suffix, by both sections of the list of publicsuffix.org: <c>acme.github.io</c> keeps its
/// name, while <c>github.io</c> itself names its operator. Suffixes unknown to the list are taken to be one label long. Whether a domain
/// speaks for a company is a question of its own: <see cref="IsCompany"/>.
/// </remarks>
public sealed record Domain
{
    private static readonly SearchValues<char> ListSeparators = SearchValues.Create(",;|");
    private static readonly DomainList FreeMail = new("free_mail.txt");
    private static readonly DomainList Platforms = new("platforms.txt");

    private Domain(string value) => Value = value;

    /// <summary>
    /// Lower-case ASCII, international labels in punycode: <c>xn--mller-kva.de</c>. No scheme, no <c>www</c>, no trailing dot.
    /// </summary>
    public string Value { get; }

    /// <summary>The same with international labels in their own script, for people to read: <c>müller.de</c>.</summary>
    public string Unicode => HostName.ToUnicode(Value);

    /// <summary>
    /// The part under which names are registered, by the rules of registries and hosters: <c>co.uk</c>, <c>github.io</c>.
    /// </summary>
    public string Suffix => Value[(Value.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>
    /// Whether the Public Suffix List knows the suffix; false for <c>acme.example</c>, and for top-level domains younger than the list.
    /// </summary>
    public bool HasListedSuffix
    {
        get
        {
            PublicSuffixList.Default.SuffixLength(Value, registries: false, out var listed);
            return listed;
        }
    }

    /// <summary>Whether anyone may open a mailbox there (<c>gmail.com</c>), so that it names no employer.</summary>
    public bool IsFreeMail => FreeMail.Contains(Value);

    /// <summary>
    /// Whether others keep their pages there (<c>linkedin.com</c>, <c>github.io</c>), so that it does not name the page's owner.
    /// </summary>
    public bool IsPlatform =>
        Platforms.Contains(Value) || PublicSuffixList.Default.SuffixLength(Value, registries: false, out _) == Value.Length;

    /// <summary>Whether the domain may name a company: it is neither <see cref="IsFreeMail"/> nor <see cref="IsPlatform"/>.</summary>
    public bool IsCompany => !IsFreeMail && !IsPlatform;

    /// <summary>Reads a domain, a host or an address of the web; of a list the first below a known suffix, else the first.</summary>
    /// <remarks>
    /// False for blank text, IP addresses, single words, people's names, bare public suffixes, and text that DNS does not allow. Never
    /// throws; a parsed <see cref="Value"/> parses to itself.
    /// </remarks>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Domain? domain)
    {
        domain = null;
        if (BlankText.IsBlank(text) || (TryParseOne(text, out domain) && domain.HasListedSuffix))
        {
            return domain is not null;
        }

        // "Doe.Jane, acme.com": what looks like a host is one only if there is nothing better.
        foreach (var range in text.AsSpan().SplitAny(ListSeparators))
        {
            if (TryParseOne(text.AsSpan(range), out var other) && other.HasListedSuffix)
            {
                domain = other;
                return true;
            }
        }

        return domain is not null;
    }

    private static bool TryParseOne(ReadOnlySpan<char> text, [NotNullWhen(true)] out Domain? domain)
    {
        domain = null;
        return HostName.TryParse(HostName.InUrl(text), out var host) && TryFromHost(host, out domain);
    }

    /// <summary>The canonical domain.</summary>
    public override string ToString() => Value;

    /// <summary>The registrable part of a canonical host; false if the host is a registry's own suffix, such as <c>co.uk</c>.</summary>
    internal static bool TryFromHost(string host, [NotNullWhen(true)] out Domain? domain)
    {
        domain = null;
        var suffix = PublicSuffixList.Default.SuffixLength(host, registries: false, out _);
        if (suffix == host.Length)
        {
            // A hoster's suffix is a domain that the hoster registered.
            suffix = PublicSuffixList.Default.SuffixLength(host, registries: true, out _);
        }

        if (suffix == host.Length)
        {
            return false;
        }

        var start = host.LastIndexOf('.', host.Length - suffix - 2) + 1;
        domain = new(host[start..]);
        return true;
    }
}
