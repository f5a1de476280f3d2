using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Expressions;

/// <summary>A date of which perhaps only the month or the year is known: the first and the last day that it may be.</summary>
internal readonly partial record struct PartialDate(DateOnly First, DateOnly Last)
{
    // September and a year have 14.
    private const int MaxLength = 14;

    private static readonly string[] Months =
    [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ];

    /// <summary>What is known of it: <c>day</c>, <c>month</c>, <c>year</c>, else <c>span</c>.</summary>
    public string Precision =>
        First == Last ? "day"
        : this == Of(First.Year, First.Month) ? "month"
        : this == Of(First.Year, null) ? "year"
        : "span";

    /// <summary>
    /// Reads <c>2023-02-01</c>, <c>2023/02/01</c>, either with a time, <c>2023-02</c>, <c>2023-2</c>, <c>02-2023</c>, <c>Feb 2023</c>,
    /// <c>2023</c>. False for all else: in <c>02/01/2023</c> day and month cannot be told apart.
    /// </summary>
    /// <param name="text">In UTF-8, without white space around it.</param>
    /// <param name="date">The date.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out PartialDate date)
    {
        date = default;
        if (CellDate.TryDate(text, out var day))
        {
            date = new(day, day);
            return true;
        }

        if (text.Length > MaxLength || Form().Match(Encoding.UTF8.GetString(text)) is not { Success: true } match)
        {
            return false;
        }

        var month = match.Groups["month"] is { Success: true } number
            ? int.Parse(number.ValueSpan, CultureInfo.InvariantCulture)
            : match.Groups["name"] is { Success: true } name ? MonthOf(name.Value) : (int?)null;
        var year = int.Parse(match.Groups["year"].ValueSpan, CultureInfo.InvariantCulture);
        if (year == 0 || month is < 1 or > 12)
        {
            return false;
        }

        date = Of(year, month);
        return true;
    }

    /// <summary>The day, the month or the year in ISO 8601, or a span as its two days.</summary>
    public override string ToString() => Precision switch
    {
        "day" => First.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "month" => First.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        "year" => First.ToString("yyyy", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{First:yyyy-MM-dd}/{Last:yyyy-MM-dd}"),
    };

    private static PartialDate Of(int year, int? month) =>
        new(new(year, month ?? 1, 1), new(year, month ?? 12, DateTime.DaysInMonth(year, month ?? 12)));

    /// <summary>The month by the first three letters of its English name or by all; 0 if there is no such month.</summary>
    public static int MonthOf(string name) =>
        Array.FindIndex(Months, month =>
            string.Equals(month, name, StringComparison.OrdinalIgnoreCase)
            || (name.Length == 3 && month.StartsWith(name, StringComparison.OrdinalIgnoreCase))) + 1;

    [GeneratedRegex(
        @"^((?<year>[0-9]{4})(-(?<month>[0-9]{1,2}))?|(?<month>[0-9]{2})-(?<year>[0-9]{4})|(?<name>[A-Za-z]{3,9}) (?<year>[0-9]{4}))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
