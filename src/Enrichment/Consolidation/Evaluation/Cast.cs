using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Turns a JSON value into a column's type, or reports that it cannot. It never throws because of a value.</summary>
/// <remarks>README.md of this folder has the rules. No store casts: this is the only place.</remarks>
internal static class Cast
{
    /// <param name="type">The column's type.</param>
    /// <param name="value">A value among the row's bytes, not JSON's null.</param>
    /// <param name="row">Gets the bytes of text that has to be unescaped, and the elements of a list.</param>
    /// <param name="cell">The cell; null unless the outcome is a value.</param>
    public static CastOutcome To(ColumnType type, JsonSlice value, EvaluatedRow row, out TypedCell cell)
    {
        cell = default;
        if (type == ColumnType.TextList && value.Type == JsonTokenType.StartArray)
        {
            return TextList(value, row, out cell);
        }

        var content = row.ContentOf(value);
        var text = row.Bytes(content);
        if (value.Type == JsonTokenType.String && CellText.IsBlank(text))
        {
            return CastOutcome.Nothing;
        }

        switch (type)
        {
            case ColumnType.Json:
                cell = TypedCell.OfText(value.Start, value.Length);
                return CastOutcome.Value;
            case ColumnType.Text or ColumnType.TextList when value.Type is JsonTokenType.StartObject or JsonTokenType.StartArray:
                return CastOutcome.Bad;
            case ColumnType.Text:
                cell = TypedCell.OfText(content.Start, content.Length);
                return CastOutcome.Value;
            case ColumnType.TextList:
                cell = row.ListOf(content);
                return CastOutcome.Value;
            default:
                var trimmed = CellText.Trimmed(text);
                return Typed(type, trimmed, ref cell) ? CastOutcome.Value
                    : CellText.IsAbsence(trimmed) ? CastOutcome.Nothing
                    : CastOutcome.Bad;
        }
    }

    private static bool Typed(ColumnType type, ReadOnlySpan<byte> text, ref TypedCell cell)
    {
        switch (type)
        {
            case ColumnType.Integer when CellNumber.TryInteger(text, out var integer):
                cell = TypedCell.OfWhole(integer);
                return true;
            case ColumnType.Number when CellNumber.TryNumber(text, out var number):
                cell = TypedCell.OfNumber(number);
                return true;
            case ColumnType.Boolean when Boolean(text) is { } flag:
                cell = TypedCell.OfWhole(flag ? 1 : 0);
                return true;
            case ColumnType.Date when CellDate.TryDate(text, out var day):
                cell = TypedCell.OfWhole(day.DayNumber);
                return true;
            case ColumnType.PartialDate when PartialDate.TryParse(text, out var date):
                cell = TypedCell.OfDays(date.First.DayNumber, date.Last.DayNumber - date.First.DayNumber);
                return true;
            case ColumnType.Timestamp when CellDate.TryTimestamp(text, out var instant):
                cell = TypedCell.OfWhole(instant.Ticks);
                return true;
            default:
                return false;
        }
    }

    /// <summary>An array of scalars. Nulls and blanks are left out.</summary>
    private static CastOutcome TextList(JsonSlice value, EvaluatedRow row, out TypedCell cell)
    {
        cell = default;
        var first = row.ElementCount;
        var reader = new Utf8JsonReader(row.Bytes(value));
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                row.RemoveElements(first);
                return CastOutcome.Bad;
            }

            var start = (int)reader.TokenStartIndex;
            var element = new JsonSlice(
                value.Start + start,
                (int)reader.BytesConsumed - start,
                reader.TokenType,
                reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped);
            var content = row.ContentOf(element);
            if (element.Type != JsonTokenType.Null && (element.Type != JsonTokenType.String || !CellText.IsBlank(row.Bytes(content))))
            {
                row.AddElement(content);
            }
        }

        cell = TypedCell.OfList(first, row.ElementCount - first);
        return CastOutcome.Value;
    }

    private static bool? Boolean(ReadOnlySpan<byte> text) => text.Length switch
    {
        1 => (text[0] | 0x20) switch
        {
            't' or 'y' => true,
            'f' or 'n' => false,
            _ => text[0] == '1' ? true : text[0] == '0' ? false : null,
        },
        2 => Ascii.EqualsIgnoreCase(text, "no"u8) ? false : null,
        3 => Ascii.EqualsIgnoreCase(text, "yes"u8) ? true : null,
        4 => Ascii.EqualsIgnoreCase(text, "true"u8) ? true : null,
        5 => Ascii.EqualsIgnoreCase(text, "false"u8) ? false : null,
        _ => null,
    };
}
