namespace Enrichment.Consolidation.Expressions;

/// <summary>Calculates exactly; a result that does not fit its type is a problem, never another number.</summary>
internal static class ExpressionArithmetic
{
    /// <summary>The longest text that an expression makes.</summary>
    public const int MaxText = 1_000_000;

    // Below it a number has at most 28 digits before the point.
    private const decimal Limit = 10_000_000_000_000_000_000_000_000_000m;

    public static object? Integers(ExpressionScope scope, int at, string sign, long left, long right)
    {
        var result = sign switch
        {
            "+" => (Int128)left + right,
            "-" => (Int128)left - right,
            _ => (Int128)left * right,
        };
        return result >= long.MinValue && result <= long.MaxValue ? (long)result : Overflow(scope, at, sign);
    }

    public static object? Numbers(ExpressionScope scope, int at, string sign, decimal left, decimal right)
    {
        if (sign == "/" && right == 0)
        {
            return scope.Fail(at, "division by zero");
        }

        try
        {
            return Settled(sign switch
            {
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                _ => left / right,
            }) ?? Overflow(scope, at, sign);
        }
        catch (OverflowException)
        {
            return Overflow(scope, at, sign);
        }
    }

    public static object? Joined(ExpressionScope scope, int at, string left, string right) =>
        left.Length + right.Length <= MaxText ? left + right : scope.Fail(at, $"'||' makes a text of more than {MaxText} characters");

    /// <summary>A day, an instant or a partial date that is later by a duration.</summary>
    public static object? Later(ExpressionScope scope, int at, object date, CalendarSpan span)
    {
        object? result = date switch
        {
            DateOnly day => span.After(day),
            DateTimeOffset instant => span.After(instant),
            PartialDate { First: var first, Last: var last } => span.After(first) is { } from && span.After(last) is { } to
                ? new PartialDate(from, to)
                : null,
            _ => ((CalendarSpan)date).Plus(span),
        };
        return result ?? scope.Fail(at, "the date is outside of the years 1 to 9999");
    }

    /// <summary>At most 28 digits, as a column has them, and no zeros at the end; null if it is too large for that.</summary>
    public static object? Settled(decimal number)
    {
        var whole = Math.Abs(decimal.Truncate(number));
        if (whole >= Limit)
        {
            return null;
        }

        var digits = 0;
        for (; whole >= 1; whole = decimal.Truncate(whole / 10))
        {
            digits++;
        }

        return decimal.Round(number, 28 - digits, MidpointRounding.AwayFromZero) / 1.0000000000000000000000000000m;
    }

    private static object? Overflow(ExpressionScope scope, int at, string sign) =>
        scope.Fail(at, $"the result of '{sign}' is too large for its type");
}
