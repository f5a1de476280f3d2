using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>What queries of typed tables need of values, and SQLite cannot say. Neither a view nor an index names it.</summary>
internal static class SqliteFunctions
{
    /// <summary>Of a number: a text that sorts as the number does.</summary>
    public const string Order = "enrichment_order";

    /// <summary>Of two texts: whether the first contains the second in any case.</summary>
    public const string Contains = "enrichment_contains";

    // As many digits before the point and behind it as a decimal may have.
    private const string Digits = "00000000000000000000000000000.############################";

    /// <summary>Makes them known to a connection.</summary>
    public static void Define(SqliteConnection connection)
    {
        connection.CreateFunction(Order, (object? number) => OrderOf(number), isDeterministic: true);
        connection.CreateFunction(
            Contains,
            (string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase),
            isDeterministic: true);
    }

    /// <summary>
    /// A number's text: its sign, then its digits; of a negative number what each digit lacks to nine, and a mark behind them, so that the
    /// shorter of two comes last.
    /// </summary>
    public static string OrderOf(decimal number)
    {
        if (number >= 0)
        {
            return "1" + number.ToString(Digits, CultureInfo.InvariantCulture);
        }

        var digits = (-number).ToString(Digits, CultureInfo.InvariantCulture);
        return string.Create(digits.Length + 2, digits, static (text, digits) =>
        {
            (text[0], text[^1]) = ('0', '~');
            for (var index = 0; index < digits.Length; index++)
            {
                text[index + 1] = digits[index] == '.' ? '.' : (char)('0' + '9' - digits[index]);
            }
        });
    }

    private static string? OrderOf(object? number) => number switch
    {
        double real => OrderOf((decimal)real),
        string text => OrderOf(decimal.Parse(text, CultureInfo.InvariantCulture)),
        _ => null,
    };
}
