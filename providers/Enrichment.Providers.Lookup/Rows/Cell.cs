using System.Globalization;
using System.Text.Json;

namespace Enrichment.Providers.Lookup.Rows;

/// <summary>
/// The meaning of values in databases and files. A <see cref="FormatException"/> names the expected form, and never the value.
/// </summary>
internal static class Cell
{
    private static readonly string[] Dates =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFzz", "yyyy-MM-ddTHH:mm:ss.FFFFFFFzz",
    ];

    /// <summary>A database's value as a result may hold it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">The type of the column, as the database names it.</param>
    public static object? Of(object value, string type) =>
        value switch
        {
            DBNull => null,
            string text => Is(type, "json", "jsonb") ? Json(text) : text,
            long number when Is(type, "boolean", "bool") => number != 0, // SQLite has no other.
            bool or int or long or double or decimal => value,
            short number => (int)number,
            // 0.1, not 0.10000000149.
            float number => double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            Guid id => id.ToString(),
            char letter => letter.ToString(),
            DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            TimeOnly time => time.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
            DateTime { Kind: DateTimeKind.Utc } instant => instant.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture),
            DateTime local => local.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
            Array { Rank: 1 } list and not byte[] => JsonSerializer.SerializeToElement(
                list.Cast<object?>().Select(element => element is null ? null : Of(element, ""))),
            _ => throw new FormatException($"a value of the type {type} has no form in JSON. Cast it in the query."),
        };

    public static string? Text(object? value) => value is null or DBNull ? null : Convert.ToString(value, CultureInfo.InvariantCulture);

    /// <summary>When a row was observed; null if it does not say.</summary>
    public static DateTimeOffset? Date(object? value) =>
        string.IsNullOrWhiteSpace(Text(value)) ? null
        : value is string text
        && DateTimeOffset.TryParseExact(
            text.Trim(),
            Dates,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var date)
            ? date
        : throw new FormatException(
            "the value that dates the row is not a date in the form of ISO 8601, such as 2026-01-31 or 2026-01-31T12:00:00Z.");

    public static bool Flag(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        string text => text.Trim().ToLowerInvariant() switch
        {
            "" or "0" or "f" or "false" or "n" or "no" => false,
            "1" or "t" or "true" or "y" or "yes" => true,
            _ => throw new FormatException("the value that marks a known absence is neither yes nor no."),
        },
        int or long or double or decimal => Convert.ToDecimal(value, CultureInfo.InvariantCulture) != 0,
        _ => throw new FormatException("the value that marks a known absence is neither yes nor no."),
    };

    private static bool Is(string type, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (type.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    // SQLite allows any value in a column that is called JSON.
    private static object Json(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
