namespace Enrichment.Consolidation.Expressions;

/// <summary>A duration of the calendar: months and days, which have no common length.</summary>
internal readonly record struct CalendarSpan(int Months, int Days)
{
    public CalendarSpan Negated => new(-Months, -Days);

    /// <summary>The sum; null if it does not fit.</summary>
    public CalendarSpan? Plus(CalendarSpan other)
    {
        var (months, days) = ((long)Months + other.Months, (long)Days + other.Days);
        return Math.Abs(months) > int.MaxValue || Math.Abs(days) > int.MaxValue ? null : new((int)months, (int)days);
    }

    /// <summary>
    /// The day that is so much later: first the months, at most to the last day of the month, then the days. Null if the calendar ends
    /// before.
    /// </summary>
    public DateOnly? After(DateOnly day)
    {
        var month = (day.Year * 12L) + day.Month - 1 + Months;
        if (month is < 12 or >= 120_000)
        {
            return null;
        }

        var (year, inYear) = ((int)(month / 12), (int)(month % 12) + 1);
        var number = new DateOnly(year, inYear, Math.Min(day.Day, DateTime.DaysInMonth(year, inYear))).DayNumber + (long)Days;
        return number < 0 || number > DateOnly.MaxValue.DayNumber ? null : DateOnly.FromDayNumber((int)number);
    }

    /// <summary>The same of an instant; its time stays.</summary>
    public DateTimeOffset? After(DateTimeOffset instant) =>
        After(DateOnly.FromDateTime(instant.UtcDateTime)) is { } day
            ? new DateTimeOffset(day, TimeOnly.FromDateTime(instant.UtcDateTime), TimeSpan.Zero)
            : null;
}
