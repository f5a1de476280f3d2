namespace Enrichment.Providers.Lookup.Rows;

/// <summary>Rows by their canonical key.</summary>
internal sealed class LookupTable(LookupRows choice)
{
    private readonly Dictionary<string, LookupRow> rows = new(StringComparer.Ordinal);

    public LookupRow? Find(string key) => rows.GetValueOrDefault(key);

    /// <returns>The row that had the key before; null if none had.</returns>
    public LookupRow? Add(string key, LookupRow row)
    {
        if (rows.TryAdd(key, row))
        {
            return null;
        }

        var there = rows[key];
        rows[key] =
            choice == LookupRows.Freshest
                ? Fresher(there, row)
                : there with
                {
                    Fault = "There are several rows for the item, and Rows is One. Make the key unique, or set Rows to Freshest.",
                };
        return there;
    }

    // A row with an unreadable date may or may not be the freshest.
    private static LookupRow Fresher(LookupRow one, LookupRow other) =>
        one.Fault is not null ? one : other.Fault is not null || Nullable.Compare(other.ObservedAt, one.ObservedAt) > 0 ? other : one;
}
