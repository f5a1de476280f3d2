using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.Json;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>The functions that a compiled projection calls. Values pass between them as JSON text; the casts are the core's own.</summary>
internal static class SqliteCell
{
    public const string Day = "yyyy-MM-dd";

    public const string Instant = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private const int ProblemLength = 200;

    public static void Register(SqliteConnection connection)
    {
        var pointers = new ConcurrentDictionary<string, JsonPointer>();
        connection.CreateFunction(
            "cell_pick",
            (string? data, string pointer) => data is null ? null : Pick(data, pointers.GetOrAdd(pointer, JsonPointer.Parse)),
            isDeterministic: true);
        connection.CreateFunction("cell_raw", (string row, int position) => Raw(row, position), isDeterministic: true);
        connection.CreateFunction("cell_present", (string? value) => value is null || IsBlank(value) ? null : value, isDeterministic: true);
        connection.CreateFunction("cell_problem", (int type, string value) => Problem((ColumnType)type, value), isDeterministic: true);
        connection.CreateFunction(
            "cell_cast",
            (int type, string? value) => value is null ? null : Cast((ColumnType)type, value),
            isDeterministic: true);
        connection.CreateFunction(
            "key_bucket",
            (string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] % Bucket.Count,
            isDeterministic: true);
    }

    private static string? Pick(string data, JsonPointer pointer)
    {
        using var document = JsonDocument.Parse(data);
        return pointer.In(document.RootElement)?.GetRawText();
    }

    private static string? Raw(string row, int position)
    {
        using var document = JsonDocument.Parse(row);
        return
            position < document.RootElement.GetArrayLength()
            && document.RootElement[position] is { ValueKind: not JsonValueKind.Null } cell
            && !CellText.IsBlank(cell)
            ? cell.GetRawText()
            : null;
    }

    private static bool IsBlank(string value)
    {
        using var document = JsonDocument.Parse(value);
        return CellText.IsBlank(document.RootElement);
    }

    private static object? Cast(ColumnType type, string value)
    {
        using var document = JsonDocument.Parse(value);
        return Enrichment.Consolidation.Cast.To(type, document.RootElement) switch
        {
            bool flag => flag ? 1L : 0L,
            decimal number => Stored(number),
            DateOnly day => day.ToString(Day, CultureInfo.InvariantCulture),
            DateTimeOffset instant => instant.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture),
            string[] list => TextListJson.Write(list),
            var other => other,
        };
    }

    // A double keeps every decimal number of up to 15 digits.
    private static object Stored(decimal number)
    {
        var text = CellNumber.Format(number);
        return text.Count(char.IsAsciiDigit) <= 15 ? (double)number : text;
    }

    private static string? Problem(ColumnType type, string value)
    {
        using var document = JsonDocument.Parse(value);
        if (!Enrichment.Consolidation.Cast.IsBad(type, document.RootElement))
        {
            return null;
        }

        var shown = new StringBuilder(ProblemLength);
        foreach (var rune in CellText.Trimmed(document.RootElement).EnumerateRunes().Take(ProblemLength))
        {
            shown.Append(rune);
        }

        return shown.ToString();
    }
}
