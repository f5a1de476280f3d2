namespace Enrichment.Providers.Lookup.Rows;

/// <summary>What an item is looked up by, in canonical form.</summary>
/// <param name="Parts">In the order of the options' key.</param>
internal sealed record RecordKey(string[] Parts)
{
    /// <summary>All of it as one text.</summary>
    public string Whole { get; } = Join(Parts);

    /// <summary>The key of a record; null if it lacks a part.</summary>
    public static RecordKey? Of(LookupOptions options, EnrichmentRecord record)
    {
        var parts = options.Key.Values.Select(part => KeyText.Of(part.As, record.Text(part.Field))).OfType<string>().ToArray();
        return parts.Length == options.Key.Count ? new(parts) : null;
    }

    // No text that can be stored holds a NUL.
    public static string Join(IReadOnlyList<string> parts) => string.Join('\0', parts);
}
