using System.Net.Http.Headers;

namespace Enrichment.Providers.Http.Declared;

/// <summary>
/// The rules for headers in settings and records. A problem names only the header: its value may be a secret.
/// </summary>
internal static class Header
{
    public const string ContentType = "Content-Type";

    // The connection's own headers, which are not part of the request.
    private static readonly HashSet<string> Connections = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Expect", "Host", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    // Many servers take such a header for the method.
    private static readonly HashSet<string> Methods = new(StringComparer.OrdinalIgnoreCase)
    {
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Method-Override",
    };

    public static bool IsContentType(string name) => name.Equals(ContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a header can carry the value as it is: ASCII, and nothing that would end the line.</summary>
    public static bool Carries(string value) => value.All(character => character is >= ' ' and <= '~');

    public static IEnumerable<string> NameProblems(string setting, string name)
    {
        if (Methods.Contains(name))
        {
            yield return $"{setting} holds '{name}', which would change the method of the call. Set request.method instead.";
            yield break;
        }

        using var message = new HttpRequestMessage();
        // Which refuses no names but impossible ones, and those of the body's headers.
        if (Connections.Contains(name) || !message.Headers.TryAddWithoutValidation(name, ""))
        {
            yield return $"{setting} holds '{name}', which cannot be set: {(name.All(IsOfName) && name.Length > 0 ? "what is true of the connection and of the body's length and coding is said without it. Leave it out." : "it is no header's name.")}";
        }
    }

    public static IEnumerable<string> ValueProblems(string setting, string name, string value)
    {
        if (value.Length == 0 || value != value.Trim())
        {
            yield return $"{setting} gives '{name}' a value that is empty, or begins or ends with white space. Correct it, or leave the header out.";
        }
        else if (!new Template(value).Fixed.All(Carries))
        {
            yield return $"{setting} gives '{name}' a value with a line end or another character that no header can carry: it has to be ASCII.";
        }
        else if (IsContentType(name) && new Template(value) is { IsFixed: true } && !MediaTypeHeaderValue.TryParse(value, out _))
        {
            yield return $"{setting} gives '{name}' a value that is not a media type such as application/json.";
        }
    }

    private static bool IsOfName(char character) =>
        char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal);
}
