using System.Globalization;
using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Expressions;
using Enrichment.Json;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Querying;

/// <summary>
/// The value of a condition as a value of the column's type. A value of another type is an error that tells how to write it.
/// </summary>
internal static class ComparedValue
{
    /// <summary>The value as <see cref="ColumnType"/> documents it; of a bucket the rank as a long.</summary>
    /// <exception cref="EnrichmentException">The value is not of the column's type.</exception>
    public static object Of(QueriedColumn column, ConditionValue value) => column.Type switch
    {
        ColumnType.Text or ColumnType.TextList when value.IsText => value.Text,
        ColumnType.Integer when !value.IsText && Plain(value) is { } text && CellNumber.TryInteger(text, out var whole) => whole,
        ColumnType.Number when !value.IsText && Plain(value) is { } text && CellNumber.TryNumber(text, out var number) => number,
        ColumnType.Boolean when !value.IsText && value.Text is "true" or "false" => value.Text == "true",
        ColumnType.Date when value.IsText
            && DateOnly.TryParseExact(value.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day,
        ColumnType.PartialDate when value.IsText && PartialDate.TryParse(Encoding.UTF8.GetBytes(value.Text), out var date) => date,
        ColumnType.Timestamp when value.IsText && CellDate.TryTimestamp(Encoding.UTF8.GetBytes(value.Text), out var instant) =>
            new DateTimeOffset(instant),
        ColumnType.Bucket when value.IsText && column.Scale.RankOfLabel(value.Text) is { } rank => (long)rank,
        _ => throw new EnrichmentException(
            $"{column.Named}, and cannot be compared with {(value.IsText ? $"the text '{Excerpt.Of(value.Text)}'" : Excerpt.Of(value.Text))}. {Form(column, value)}"),
    };

    private static string Form(QueriedColumn column, ConditionValue value) => column.Type switch
    {
        ColumnType.Integer => "Write a whole number without quotes, such as 50.",
        ColumnType.Number => "Write a number of at most 28 digits without quotes, such as 50 or 2.5.",
        ColumnType.Boolean => "Write true or false without quotes.",
        ColumnType.Date => "Write a day in quotes, such as \"2026-02-28\".",
        ColumnType.PartialDate => "Write a day, a month or a year in quotes, such as \"2026-02-28\", \"2026-02\" or \"2026\".",
        ColumnType.Timestamp => "Write an instant in quotes, such as \"2026-02-28T10:00:00Z\".",
        ColumnType.Bucket => $"Write one of its labels: {Labels(column.Scale)}.{(value.IsText ? Nearest.Hint(value.Text, column.Scale.Labels) : "")}",
        ColumnType.Json => "Of JSON a condition can only ask whether there is any: \"exists\".",
        _ => "Write the text in quotes.",
    };

    private static string Labels(BucketScale scale)
    {
        const int Shown = 10;
        return string.Join(", ", scale.Labels.Take(Shown).Select(label => $"\"{Excerpt.Of(label)}\""))
            + (scale.Labels.Count > Shown ? " and others" : "");
    }

    /// <summary>A JSON number in plain digits.</summary>
    private static byte[]? Plain(ConditionValue value)
    {
        var sink = new Utf8Sink();
        return value.Text is "true" or "false" || !JsonNumber.TryAppend(Encoding.UTF8.GetBytes(value.Text), sink) ? null : sink.Written.ToArray();
    }
}
