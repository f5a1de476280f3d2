using System.Text.Json;

namespace Enrichment;

/// <summary>
/// Marks a property of a step's options as a secret: settings may hold only its name there, as <c>secret:NAME</c>; the host puts the value
/// in before each call.
/// </summary>
/// <param name="place">Where in the property's value the secrets are.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute(SecretPlace place = SecretPlace.Value) : Attribute
{
    private const string Reference = "secret:";

    private static readonly HashSet<string> HeaderEnds =
    [
        "apikey",
        "auth",
        "authorization",
        "cookie",
        "credential",
        "credentials",
        "key",
        "password",
        "secret",
        "token",
    ];

    private static readonly HashSet<string> Certain =
    [
        "accesskey",
        "accesstoken",
        "apikey",
        "apisecret",
        "apitoken",
        "authkey",
        "authorization",
        "authtoken",
        "bearertoken",
        "clientsecret",
        "passphrase",
        "passwd",
        "password",
        "privatekey",
        "refreshtoken",
        "secret",
        "secretkey",
        "sharedsecret",
        "webhooksecret",
    ];

    /// <summary>Where in the property's value the secrets are.</summary>
    public SecretPlace Place { get; } = place;

    /// <summary>
    /// The places below a setting that hold a secret in plain text, each as the names that lead there; the empty list is the setting
    /// itself.
    /// </summary>
    /// <param name="setting">The setting as it was written, before any secret's value is put in.</param>
    public IEnumerable<IReadOnlyList<string>> FindPlain(JsonElement setting) => Find(setting, [], Place == SecretPlace.Value);

    private IEnumerable<IReadOnlyList<string>> Find(JsonElement value, IReadOnlyList<string> path, bool secret) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => value
                .EnumerateObject()
                .SelectMany(property => Find(property.Value, [.. path, property.Name], secret || IsSecretName(property.Name))),
            JsonValueKind.Array => value.EnumerateArray().SelectMany((item, index) => Find(item, [.. path, $"{index}"], secret)),
            JsonValueKind.String when Place == SecretPlace.Address => IsPlainAddress(value.GetString()!) ? [path] : [],
            JsonValueKind.String => secret && !IsReference(value.GetString()!) ? [path] : [],
            JsonValueKind.Number => secret && Place == SecretPlace.Value ? [path] : [],
            _ => [],
        };

    // Where only the name says that it is a secret, a placeholder is a value of the record and not a secret.
    private bool IsReference(string text) => text.StartsWith(Reference, StringComparison.Ordinal)
        || (Place != SecretPlace.Value && (text.Length == 0 || text.Contains("{{", StringComparison.Ordinal)));

    private bool IsSecretName(string name) => Place switch
    {
        SecretPlace.Headers => !name.Contains("idempotency", StringComparison.OrdinalIgnoreCase) && HeaderEnds.Contains(LastWord(name)),
        SecretPlace.Json => Certain.Contains(Letters(name)),
        _ => false,
    };

    private bool IsPlainAddress(string address)
    {
        var authority = address.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0
            ? address[(scheme + 3)..].Split('/', '?', '#')[0]
            : "";
        var query = address.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? address[(mark + 1)..].Split('#')[0] : "";
        return authority.Contains('@', StringComparison.Ordinal)
            || query
                .Split('&')
                .Select(part => part.Split('=', 2))
                .Any(part => part.Length == 2 && Certain.Contains(Letters(part[0])) && !IsReference(part[1]));
    }

    private static string LastWord(string name) => name.Split('-', '_', '.', ' ')[^1].ToLowerInvariant();

    private static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
