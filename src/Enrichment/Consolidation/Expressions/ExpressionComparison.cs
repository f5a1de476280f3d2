namespace Enrichment.Consolidation.Expressions;

/// <summary>Compares values of one type, three-valued where a date is partly known.</summary>
internal static class ExpressionComparison
{
    /// <summary>The order of two values of a kind that has one, partial dates excepted.</summary>
    public static int Order(object left, object right) => left switch
    {
        string text => Order(text, (string)right),
        long integer => integer.CompareTo((long)right),
        int rank => rank.CompareTo((int)right),
        decimal number => number.CompareTo((decimal)right),
        DateOnly day => day.CompareTo((DateOnly)right),
        DateTimeOffset instant => instant.CompareTo((DateTimeOffset)right),
        bool truth => truth.CompareTo((bool)right),
        _ => throw new InvalidOperationException($"{left.GetType()} has no order."),
    };

    /// <summary>Whether a comparison holds; null if it depends on the part of a date that is not known.</summary>
    public static bool? Holds(string sign, object left, object right)
    {
        if (left is PartialDate partial)
        {
            return Holds(sign, partial, (PartialDate)right);
        }

        var order = Order(left, right);
        return sign switch
        {
            "=" => order == 0,
            "<>" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    // True if it is true for each day of the one and each of the other, false if for none.
    private static bool? Holds(string sign, PartialDate left, PartialDate right) => sign switch
    {
        "=" => left.First == right.Last && left.Last == right.First ? true
            : left.Last < right.First || right.Last < left.First ? false
            : null,
        "<>" => !Holds("=", left, right),
        "<" => left.Last < right.First ? true : left.First >= right.Last ? false : null,
        "<=" => left.Last <= right.First ? true : left.First > right.Last ? false : null,
        ">" => Holds("<", right, left),
        _ => Holds("<=", right, left),
    };

    // By code point, as databases order bytes of UTF-8; UTF-16 has characters beyond U+FFFF before some of those below.
    private static int Order(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            var (one, other) = (left[i], right[i]);
            if (one != other)
            {
                return char.IsSurrogate(one) == char.IsSurrogate(other) || Math.Min(one, other) < 0xD800
                    ? one.CompareTo(other)
                    : char.IsSurrogate(one) ? 1 : -1;
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}
