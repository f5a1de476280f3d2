using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// The notation in which a source writes its values, if it is not the one that <see cref="Cast"/> reads. It replaces that one: a value in
/// another notation is bad, and never guessed at.
/// </summary>
internal sealed class ValueFormat
{
    private static readonly ColumnType[] Days = [ColumnType.Date, ColumnType.PartialDate, ColumnType.Timestamp];
    private static readonly ColumnType[] Numbers = [ColumnType.Integer, ColumnType.Number];

    private static readonly Dictionary<string, ValueFormat> Formats = new ValueFormat[]
    {
        OfDay("dd/MM/yyyy"),
        OfDay("MM/dd/yyyy"),
        OfDay("dd.MM.yyyy"),
        OfDay("dd-MM-yyyy"),
        OfDay("MM-dd-yyyy"),
        OfDay("yyyyMMdd"),
        OfDay("dd MMM yyyy"),
        OfDay("MMM dd, yyyy"),
        new("MM/yyyy", [ColumnType.PartialDate], (text, _) => FormattedDate.Month("MM/yyyy", text)),
        new("epoch_seconds", Days, (text, type) => FormattedDate.Epoch(TimeSpan.TicksPerSecond, text, type)),
        new("epoch_milliseconds", Days, (text, type) => FormattedDate.Epoch(TimeSpan.TicksPerMillisecond, text, type)),
        new("decimal_comma", Numbers, FormattedNumber.WithComma),
        new("units", Numbers, FormattedNumber.WithUnit),
        new("dollars", Numbers, FormattedNumber.OfDollars),
    }.ToDictionary(format => format.Name, StringComparer.Ordinal);

    private readonly ColumnType[] types;
    private readonly Parser parse;

    private ValueFormat(string name, ColumnType[] types, Parser parse)
    {
        Name = name;
        this.types = types;
        this.parse = parse;
    }

    private delegate TypedCell Parser(ReadOnlySpan<byte> text, ColumnType type);

    public static string All { get; } = string.Join(", ", Formats.Keys);

    public string Name { get; }

    public static ValueFormat? Find(string name) => Formats.GetValueOrDefault(name);

    /// <summary>Whether a column of this type may have values in this format.</summary>
    public bool IsFor(ColumnType type) => types.Contains(type);

    /// <summary>As <see cref="Evaluation.Cast.To"/>.</summary>
    public CastOutcome Cast(ColumnType type, JsonSlice value, EvaluatedRow row, out TypedCell cell)
    {
        // A number in JSON has one notation only.
        if (value.Type == JsonTokenType.Number && types == Numbers)
        {
            return Evaluation.Cast.To(type, value, row, out cell);
        }

        var text = CellText.Trimmed(row.Bytes(row.ContentOf(value)));
        cell = text.IsEmpty ? default : parse(text, type);
        return cell.HasValue ? CastOutcome.Value
            : text.IsEmpty || CellText.IsAbsence(text) ? CastOutcome.Nothing
            : CastOutcome.Bad;
    }

    private static ValueFormat OfDay(string pattern) => new(pattern, Days, (text, type) => FormattedDate.Day(pattern, text, type));
}
