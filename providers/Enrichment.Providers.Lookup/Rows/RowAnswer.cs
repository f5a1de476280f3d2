using System.Globalization;

namespace Enrichment.Providers.Lookup.Rows;

/// <summary>From the row of an item to its outcome.</summary>
internal static class RowAnswer
{
    public static StepOutcome Of(LookupRow? row, LookupOptions options, DateTimeOffset now) => row switch
    {
        null => StepOutcome.NotFound("There is no row for the item."),
        { Fault: { } fault } => StepOutcome.Failed(fault),
        { IsNothing: false } when row.Values.All(value => value is null) => StepOutcome.NotFound("The item's row has no value in it."),
        _ when !IsFresh(row, options, now) => StepOutcome.NotFound("The item's row is too old."),
        _ => StepOutcome.Completed(Fields(row, options)),
    };

    private static bool IsFresh(LookupRow row, LookupOptions options, DateTimeOffset now)
    {
        if (options.Freshness is not { } freshness)
        {
            return true;
        }

        var days = row.IsNothing ? options.Nothing!.Days ?? freshness.Days : freshness.Days;
        return row.ObservedAt is { } observed ? now - observed <= TimeSpan.FromDays(days) : freshness.Undated == LookupUndated.Fresh;
    }

    private static IEnumerable<KeyValuePair<string, object?>> Fields(LookupRow row, LookupOptions options)
    {
        // A known negative gives no other field: the other values of the row are not an answer.
        foreach (var (field, value) in row.IsNothing ? [] : options.Fields.Keys.Zip(row.Values))
        {
            yield return new(field, value);
        }

        var told = options.Provenance;
        if (told.Outcome is { } outcome)
        {
            yield return new(outcome, row.IsNothing ? "nothing" : "found");
        }

        if (told.Source is { } source)
        {
            yield return new(source, told.Name);
        }

        if (told.ObservedAt is { } observed)
        {
            yield return new(observed, row.ObservedAt?.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture));
        }
    }
}
