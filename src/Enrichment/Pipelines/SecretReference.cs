using System.Text.Json;
using System.Text.RegularExpressions;

namespace Enrichment.Pipelines;

/// <summary>How settings name a secret, and where secrets are by default.</summary>
internal static partial class SecretReference
{
    public const string Prefix = "secret:";

    /// <summary>The environment's variables are the default: every host, container and service manager has them.</summary>
    public static string? FromEnvironment(SecretRequest request) => Environment.GetEnvironmentVariable(Variable(request.Name));

    /// <summary>As <see cref="FromEnvironment(SecretRequest)"/>.</summary>
    public static ValueTask<string?> FromEnvironment(SecretRequest request, CancellationToken cancellationToken) =>
        new(FromEnvironment(request));

    /// <summary>The variable's name: shells allow letters, digits and the underscore only.</summary>
    public static string Variable(string name) => "ENRICHMENT_SECRET_" + name.ToUpperInvariant().Replace('-', '_').Replace('.', '_');

    public static bool IsReference(string text) => text.StartsWith(Prefix, StringComparison.Ordinal);

    public static bool TryParse(string text, out string name)
    {
        name = IsReference(text) ? text[Prefix.Length..] : "";
        return IsName(name);
    }

    public static bool IsName(string name) => Form().IsMatch(name);

    /// <summary>Every reference to a secret in settings, well-formed or not, and its place.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string> Path)> Places(JsonElement value) => Places(value, []);

    private static IEnumerable<(string Name, IReadOnlyList<string> Path)> Places(JsonElement value, IReadOnlyList<string> path) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Places(property.Value, [.. path, property.Name])),
            JsonValueKind.Array => value.EnumerateArray().SelectMany((item, index) => Places(item, [.. path, SettingPath.Segment(index)])),
            JsonValueKind.String when IsReference(value.GetString()!) => [(value.GetString()![Prefix.Length..], path)],
            _ => [],
        };

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,100}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
