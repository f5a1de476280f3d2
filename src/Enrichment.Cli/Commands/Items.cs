namespace Enrichment.Cli.Commands;

/// <summary>Items that the command line names.</summary>
internal static class Items
{
    public static EnrichmentException NotThere(Guid batch, IReadOnlyCollection<int> items)
    {
        const int most = 10;
        var named = string.Join(", ", items.Order().Take(most)) + (items.Count > most ? $" and {items.Count - most:n0} more" : "");
        return new(
            $"Batch {batch} has no item {named}. An item's number is its row's in the file, from 1; rejected rows and rows that the launch left out are no items.");
    }
}
