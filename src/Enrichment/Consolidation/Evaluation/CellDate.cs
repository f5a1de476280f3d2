namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// Days and instants in the year-first notation, the only one that reads alike everywhere. A year or a month alone is no day: nothing is
/// invented.
/// </summary>
internal static class CellDate
{
    private const int DayLength = 10;
    private const int MostFractionDigits = 9;
    private const int HighestOffsetHour = 14;

    /// <summary>The day as written, before any time and offset.</summary>
    public static bool TryDate(ReadOnlySpan<byte> text, out DateOnly day) =>
        TryDay(text, out day) && (text.Length == DayLength || TryTime(text[DayLength..], out _, out _));

    /// <summary>The instant in UTC; a time without an offset is taken as UTC. Digits beyond the microsecond are dropped.</summary>
    public static bool TryTimestamp(ReadOnlySpan<byte> text, out DateTime instant)
    {
        instant = default;
        if (!TryDay(text, out var day)
            || text.Length == DayLength
            || !TryTime(text[DayLength..], out var time, out var offset)
            || (offset is not null && day.Year is 1 or 9999))
        {
            return false;
        }

        instant = new DateTime(day, TimeOnly.MinValue, DateTimeKind.Utc).AddTicks(time - ((offset ?? 0) * TimeSpan.TicksPerMinute));
        return true;
    }

    private static bool TryDay(ReadOnlySpan<byte> text, out DateOnly day)
    {
        day = default;
        if (text.Length < DayLength
            || text[4] is not ((byte)'-' or (byte)'/')
            || text[7] != text[4]
            || !TryNumber(text[..2], 99, out var century)
            || !TryNumber(text[2..4], 99, out var year)
            || !TryNumber(text[5..7], 12, out var month)
            || !TryNumber(text[8..10], 31, out var number)
            || century + year == 0
            || month == 0
            || number == 0
            || number > DateTime.DaysInMonth((century * 100) + year, month))
        {
            return false;
        }

        day = new((century * 100) + year, month, number);
        return true;
    }

    /// <summary>What may follow a day: a time, and then perhaps an offset.</summary>
    /// <param name="text">From the separator.</param>
    /// <param name="ticks">The time of day, to the microsecond.</param>
    /// <param name="offset">The minutes east of UTC; null if none are written.</param>
    public static bool TryTime(ReadOnlySpan<byte> text, out long ticks, out int? offset)
    {
        (ticks, offset) = (0, null);
        if (text.Length < 6
            || text[0] is not ((byte)'T' or (byte)' ')
            || !TryNumber(text[1..3], 23, out var hour)
            || text[3] != ':'
            || !TryNumber(text[4..6], 59, out var minute))
        {
            return false;
        }

        ticks = (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute);
        text = text[6..];
        if (!text.IsEmpty && text[0] == ':')
        {
            if (text.Length < 3 || !TryNumber(text[1..3], 59, out var second))
            {
                return false;
            }

            ticks += second * TimeSpan.TicksPerSecond;
            text = text[3..];
            if (!text.IsEmpty && text[0] == '.' && !TryFraction(ref text, ref ticks))
            {
                return false;
            }
        }

        return text.IsEmpty || text.SequenceEqual("Z"u8) || TryOffset(text, out offset);
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> text, ref long ticks)
    {
        var digits = text[1..];
        var end = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = end < 0 ? digits : digits[..end];
        if (digits.Length is 0 or > MostFractionDigits)
        {
            return false;
        }

        var unit = TimeSpan.TicksPerSecond;
        foreach (var digit in digits[..Math.Min(digits.Length, 6)])
        {
            unit /= 10;
            ticks += (digit - '0') * unit;
        }

        text = text[(digits.Length + 1)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int? offset)
    {
        offset = null;
        if (text.Length < 3 || text[0] is not ((byte)'+' or (byte)'-') || !TryNumber(text[1..3], HighestOffsetHour, out var hours))
        {
            return false;
        }

        var minutes = 0;
        var rest = text[3..];
        rest = rest.Length == 3 && rest[0] == ':' ? rest[1..] : rest;
        if (!rest.IsEmpty && (rest.Length != 2 || !TryNumber(rest, 59, out minutes)))
        {
            return false;
        }

        offset = ((hours * 60) + minutes) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> twoDigits, int most, out int number)
    {
        number = ((twoDigits[0] - '0') * 10) + twoDigits[1] - '0';
        return char.IsAsciiDigit((char)twoDigits[0]) && char.IsAsciiDigit((char)twoDigits[1]) && number <= most;
    }
}
