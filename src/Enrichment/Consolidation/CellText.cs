using System.Text;
using System.Text.Json;

namespace Enrichment.Consolidation;

/// <summary>Which text counts as a value, for every type.</summary>
internal static class CellText
{
    // Words by which spreadsheets and vendors say that there is nothing. In a column of text they are text: a person may be called Null.
    private static readonly string[] Absences = ["null", "n/a", "na", "none", "-", "--"];

    public static bool IsBlank(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(value.GetString());

    /// <summary>
    /// The text that the types other than text are read from: a string without the white space around it, any other JSON in its own
    /// notation.
    /// </summary>
    public static string Trimmed(JsonElement value) =>
        (value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()).Trim();

    public static bool IsAbsence(string trimmed) => Absences.Any(word => Ascii.EqualsIgnoreCase(word, trimmed));
}
