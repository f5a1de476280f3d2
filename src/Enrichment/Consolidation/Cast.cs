using System.Text;
using System.Text.Json;

namespace Enrichment.Consolidation;

/// <summary>
/// Turns a JSON value into a column's type, or reports that it cannot: the reference for both stores. It never throws because of a value.
/// </summary>
/// <remarks>
/// README.md of this folder has the rules; the vectors in the tests hold for this code, for PostgreSQL's functions and for SQLite's.
/// </remarks>
internal static class Cast
{
    private static readonly string[] True = ["true", "t", "yes", "y", "1"];
    private static readonly string[] False = ["false", "f", "no", "n", "0"];

    /// <summary>The value as <see cref="ColumnType"/> documents it; null if it is absent or bad.</summary>
    /// <param name="type">The column's type.</param>
    /// <param name="value">Neither null nor a blank string: those are no values.</param>
    public static object? To(ColumnType type, JsonElement value) => type switch
    {
        ColumnType.Text => Text(value),
        ColumnType.TextList => TextList(value),
        ColumnType.Json => value.GetRawText(),
        ColumnType.Integer => CellNumber.Integer(CellText.Trimmed(value)),
        ColumnType.Number => CellNumber.Number(CellText.Trimmed(value)),
        ColumnType.Boolean => Boolean(CellText.Trimmed(value)),
        ColumnType.Date => CellDate.Date(CellText.Trimmed(value)),
        ColumnType.Timestamp => CellDate.Timestamp(CellText.Trimmed(value)),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such type."),
    };

    /// <summary>Whether a value that gave null is bad, rather than one of the words for nothing.</summary>
    public static bool IsBad(ColumnType type, JsonElement value) =>
        To(type, value) is null && (type is ColumnType.Text or ColumnType.TextList || !CellText.IsAbsence(CellText.Trimmed(value)));

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Object or JsonValueKind.Array => null,
        _ => value.GetRawText(),
    };

    /// <summary>An array of scalars, or one scalar as a list of one. Nulls and blanks are left out.</summary>
    private static string[]? TextList(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return Text(value) is { } single ? [single] : null;
        }

        var list = new List<string>(value.GetArrayLength());
        foreach (var element in value.EnumerateArray())
        {
            if (element.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            {
                return null;
            }

            if (element.ValueKind != JsonValueKind.Null && !CellText.IsBlank(element))
            {
                list.Add(Text(element)!);
            }
        }

        return [.. list];
    }

    private static bool? Boolean(string text) =>
        True.Any(word => Ascii.EqualsIgnoreCase(word, text)) ? true : False.Any(word => Ascii.EqualsIgnoreCase(word, text)) ? false : null;
}
