using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <summary>The sum of decimals that are stored as text: SQLite's own would go through binary fractions.</summary>
internal static class ExactSum
{
    /// <summary>Makes <c>exact_sum(times, decimal)</c> known to a connection; null if every decimal is null, as with other sums.</summary>
    public static void Define(SqliteConnection connection) =>
        connection.CreateAggregate(
            "exact_sum",
            (decimal?)null,
            (decimal? sum, long times, string? number) =>
                number is null ? sum : (sum ?? 0) + (times * decimal.Parse(number, NumberStyles.Number, CultureInfo.InvariantCulture)),
            sum => sum?.ToString(CultureInfo.InvariantCulture),
            isDeterministic: true);
}
