using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Enrichment.Normalization;

/// <summary>An e-mail address in one spelling: lower case, without display name, its host in ASCII.</summary>
/// <remarks>
/// The practical part of RFC 5321: a dot-atom of at most 64 characters, <c>@</c>, a host with at least two labels. Quoted and non-ASCII
/// local parts and address literals are refused, as nearly every mailbox provider does. The local part is lower-cased too: the RFC lets
/// hosts tell cases apart, none of note does. Plus tags and Gmail's dots stay, since the address must remain deliverable.
/// </remarks>
public sealed record EmailAddress
{
    /// <summary>254 octets: what fits into the path of RFC 5321 section 4.5.3.1.3.</summary>
    private const int MaxLength = 254;

    private const int MaxLocalLength = 64;

    private static readonly SearchValues<char> LocalCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+-/=?^_`{|}~");

    private static readonly SearchValues<char> ListSeparators = SearchValues.Create(",; \t\r\n");

    private static readonly Lazy<FrozenSet<string>> Roles = new(() =>
        EmbeddedText.Lines("role_mailboxes.txt").Select(line => line.Trim()).ToFrozenSet(StringComparer.Ordinal));

    private EmailAddress(string local, string host)
    {
        Local = local;
        Host = host;
    }

    /// <summary>The part before the <c>@</c>.</summary>
    public string Local { get; }

    /// <summary>The whole host after the <c>@</c>, sub-domains included, in lower-case ASCII.</summary>
    public string Host { get; }

    /// <summary>The address.</summary>
    public string Value => $"{Local}@{Host}";

    /// <summary>The registrable domain of the host; null if the host is a public suffix itself.</summary>
    public Domain? Domain => Normalization.Domain.TryFromHost(Host, out var domain) ? domain : null;

    /// <summary>Whether it is the mailbox of a person at a public provider, such as <c>gmail.com</c>.</summary>
    public bool IsFreeMail => Domain is { IsFreeMail: true };

    /// <summary>Whether the mailbox belongs to a role, such as <c>info@</c> or <c>sales@</c>, so that it names no person.</summary>
    /// <remarks>The names that RFC 2142 reserves, and those that lead lists hold for many. A plus tag does not count.</remarks>
    public bool IsRole => Roles.Value.GetAlternateLookup<ReadOnlySpan<char>>().Contains(Local.AsSpan(0, LengthWithoutTag(Local)));

    /// <summary>
    /// Reads <c>jane@acme.com</c>, <c>mailto:jane@acme.com?subject=x</c> or <c>"Doe, Jane" &lt;jane@acme.com&gt;</c>; of a list the first
    /// address; <c>(at)</c> for the sign.
    /// </summary>
    /// <remarks>False for everything else. Never throws; a parsed <see cref="Value"/> parses to itself.</remarks>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        if (BlankText.IsBlank(text))
        {
            return false;
        }

        var bare = Bare(text);
        var at = bare.LastIndexOf('@');
        if (at < 1 || at > MaxLocalLength)
        {
            return false;
        }

        var local = bare[..at].ToString().ToLowerInvariant();
        if (!IsLocal(local) || !HostName.TryParse(bare[(at + 1)..], out var host) || local.Length + 1 + host.Length > MaxLength)
        {
            return false;
        }

        address = new(local, host);
        return true;
    }

    /// <summary>The canonical address.</summary>
    public override string ToString() => Value;

    private static int LengthWithoutTag(string local) =>
        local.IndexOf('+', StringComparison.Ordinal) is > 0 and var tag ? tag : local.Length;

    private static bool IsLocal(string local) => !local.AsSpan().ContainsAnyExcept(LocalCharacters)
        && local[0] != '.' && local[^1] != '.' && !local.Contains("..", StringComparison.Ordinal);

    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> text)
    {
        // In angle brackets, behind a display name, if there are any.
        var open = text.IndexOf('<');
        var close = open < 0 ? -1 : text[open..].IndexOf('>');
        var address = close > 0 ? text.Slice(open + 1, close - 1) : text;

        address = FirstOfList(Trim(address));
        address = WithAtSign(address);
        if (address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            address = address["mailto:".Length..];
            var query = address[(address.IndexOf('@') + 1)..].IndexOf('?');
            address = query < 0 ? address : address[..(address.IndexOf('@') + 1 + query)];
        }

        return Trim(address);
    }

    // "jane(at)acme.com", which hides an address from harvesters.
    private static ReadOnlySpan<char> WithAtSign(ReadOnlySpan<char> address)
    {
        foreach (var sign in (ReadOnlySpan<string>)["(at)", "[at]", "{at}", "<at>"])
        {
            if (address.IndexOf(sign, StringComparison.OrdinalIgnoreCase) is > 0 and var at && !address.Contains('@'))
            {
                return $"{address[..at]}@{address[(at + sign.Length)..]}";
            }
        }

        return address;
    }

    private static ReadOnlySpan<char> FirstOfList(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(ListSeparators);
        return end < 0 ? text : text[..end];
    }

    // No address begins or ends like this; sentences and spreadsheets do.
    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) =>
        text.Trim().Trim("\"<>()[],;:.\u200B\u200E\uFEFF").TrimStart('\'').TrimEnd('\'').Trim();
}
