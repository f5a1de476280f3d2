using System.Globalization;

namespace Enrichment.Chaos.Worker;

/// <summary>One call as the vendor saw it.</summary>
public sealed record LedgerLine(string Key, Guid Batch, int Item, int Attempt)
{
    public static LedgerLine Parse(string line) => line.Split(' ') is [var key, var batch, var item, var attempt]
        ? new(key, Guid.Parse(batch), int.Parse(item, CultureInfo.InvariantCulture), int.Parse(attempt, CultureInfo.InvariantCulture))
        : throw new FormatException($"'{line}' is no line of a ledger.");
}
