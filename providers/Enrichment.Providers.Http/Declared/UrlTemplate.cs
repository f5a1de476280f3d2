using System.Text.RegularExpressions;

namespace Enrichment.Providers.Http.Declared;

/// <summary>
/// An address with placeholders. A record's value stays at its place: it cannot name a host or leave the path.
/// </summary>
internal static partial class UrlTemplate
{
    public static IEnumerable<string> Problems(string setting, string url) => Host(url) is not null
        ? []
        : [$"{setting} does not begin with a scheme and a host, such as https://api.example.com/. Placeholders may stand in the path and the query only."];

    /// <summary>Scheme and host, which contain no placeholder; null if the address does not begin with them.</summary>
    public static Uri? Host(string url) =>
        Origin().Match(url) is { Success: true } origin && Uri.TryCreate(origin.Value, UriKind.Absolute, out var host) ? host : null;

    /// <summary>The address; null if a value would lead out of the path that the settings give.</summary>
    public static Uri? Render(string url, Placeholders values)
    {
        var rendered = new Template(url).Render(values, Uri.EscapeDataString);
        return rendered.Split('?', '#')[0].Split('/').Any(segment => segment is "." or "..") ? null : new(rendered);
    }

    [GeneratedRegex(@"^https?://[^/?#{}@\s]+(/|\?|\z)", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Origin();
}
