namespace Enrichment;

/// <summary>A field that a step's result may hold, and where.</summary>
/// <param name="Field">The canonical name.</param>
/// <param name="Path">A JSON pointer (RFC 6901) into the result; null if the field is the result's property of its full name.</param>
public sealed record ProducedField(string Field, string? Path = null)
{
    /// <summary>Reads <c>name</c> or <c>name=/json/pointer</c>.</summary>
    /// <exception cref="FormatException">The path does not begin with a slash.</exception>
    public static ProducedField Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            return new(text);
        }

        var path = text[(equals + 1)..];
        return path.StartsWith('/')
            ? new(text[..equals], path)
            : throw new FormatException(
                $"'{text}' is not a produced field: the path '{path}' must begin with '/', as in 'company.domain=/data/domain'.");
    }
}
