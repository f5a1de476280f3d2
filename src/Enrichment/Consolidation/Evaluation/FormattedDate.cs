using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Days and instants in a notation that the definition names. The default cell: the text is not in it.</summary>
internal static class FormattedDate
{
    /// <summary>
    /// A day by a pattern of <c>dd</c>, <c>MM</c>, <c>MMM</c> and <c>yyyy</c>, perhaps with a time behind it. Of day and month one digit
    /// is enough where a separator follows.
    /// </summary>
    public static TypedCell Day(string pattern, ReadOnlySpan<byte> text, ColumnType type)
    {
        if (!TryRead(pattern, ref text, out var year, out var month, out var day) || day > DateTime.DaysInMonth(year, month))
        {
            return default;
        }

        var ticks = 0L;
        int? offset = null;
        if (text.IsEmpty ? type == ColumnType.Timestamp : !CellDate.TryTime(text, out ticks, out offset))
        {
            return default;
        }

        var date = new DateOnly(year, month, day);
        return type != ColumnType.Timestamp ? Cell(date, type)
            : offset is not null && year is 1 or 9999 ? default
            : TypedCell.OfWhole(date.ToDateTime(TimeOnly.MinValue).Ticks + ticks - ((offset ?? 0) * TimeSpan.TicksPerMinute));
    }

    /// <summary>A month by a pattern of <c>MM</c> and <c>yyyy</c>.</summary>
    public static TypedCell Month(string pattern, ReadOnlySpan<byte> text) =>
        TryRead(pattern, ref text, out var year, out var month, out _) && text.IsEmpty
            ? TypedCell.OfDays(new DateOnly(year, month, 1).DayNumber, DateTime.DaysInMonth(year, month) - 1)
            : default;

    /// <summary>The time since 1970 in UTC. Digits beyond the microsecond are dropped.</summary>
    public static TypedCell Epoch(long unit, ReadOnlySpan<byte> text, ColumnType type)
    {
        if (!CellNumber.TryNumber(text, out var number)
            || decimal.Abs(number) > (decimal)DateTime.MaxValue.Ticks / unit)
        {
            return default;
        }

        var since = decimal.Floor(number * unit / TimeSpan.TicksPerMicrosecond) * TimeSpan.TicksPerMicrosecond;
        var ticks = (long)since + DateTime.UnixEpoch.Ticks;
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks ? default
            : type == ColumnType.Timestamp ? TypedCell.OfWhole(ticks)
            : Cell(DateOnly.FromDateTime(new DateTime(ticks)), type);
    }

    private static TypedCell Cell(DateOnly day, ColumnType type) =>
        type == ColumnType.PartialDate ? TypedCell.OfDays(day.DayNumber, 0) : TypedCell.OfWhole(day.DayNumber);

    private static bool TryRead(string pattern, ref ReadOnlySpan<byte> text, out int year, out int month, out int day)
    {
        (year, month, day) = (0, 0, 1);
        for (var at = 0; at < pattern.Length;)
        {
            var letter = pattern[at];
            var length = pattern.AsSpan(at).IndexOfAnyExcept(letter);
            length = length < 0 ? pattern.Length - at : length;
            at += length;
            var found = (letter, length) switch
            {
                ('y', _) => TryNumber(ref text, 4, 4, out year) && year > 0,
                ('M', 3) => TryName(ref text, out month),
                ('M', _) => TryNumber(ref text, Least(pattern, at), 2, out month) && month is >= 1 and <= 12,
                ('d', _) => TryNumber(ref text, Least(pattern, at), 2, out day) && day >= 1,
                _ => TrySkip(ref text, letter),
            };
            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    private static int Least(string pattern, int next) => next == pattern.Length || char.IsLetter(pattern[next]) ? 2 : 1;

    private static bool TryNumber(ref ReadOnlySpan<byte> text, int least, int most, out int number)
    {
        number = 0;
        var length = 0;
        while (length < most && length < text.Length && char.IsAsciiDigit((char)text[length]))
        {
            number = (number * 10) + text[length++] - '0';
        }

        text = text[length..];
        return length >= least;
    }

    private static bool TryName(ref ReadOnlySpan<byte> text, out int month)
    {
        var length = 0;
        while (length < text.Length && char.IsAsciiLetter((char)text[length]))
        {
            length++;
        }

        month = PartialDate.MonthOf(Encoding.ASCII.GetString(text[..length]));
        text = text[length..];
        return month > 0;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> text, char separator)
    {
        var found = !text.IsEmpty && text[0] == separator;
        text = found ? text[1..] : text;
        return found;
    }
}
