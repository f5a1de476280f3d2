namespace Enrichment.Consolidation.Querying;

/// <summary>The items whose rows a query finds, as the rows of uploads that they are.</summary>
/// <param name="Version">The version of the table.</param>
/// <param name="AsOf">The day that <c>as_of</c> means.</param>
internal sealed record QueriedItems(int Version, DateOnly AsOf)
{
    private readonly SortedDictionary<Guid, SortedSet<int>> uploads = [];

    /// <summary>The rows by the upload's id.</summary>
    public IReadOnlyDictionary<Guid, SortedSet<int>> Uploads => uploads;

    /// <summary>How many rows of uploads there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many rows of the table are left out because a younger batch has the item.</summary>
    public int Superseded { get; set; }

    /// <summary>How many rows of the table are left out because the rows of their upload were pruned.</summary>
    public int Pruned { get; set; }

    public void Add(Guid upload, int row)
    {
        if (!uploads.TryGetValue(upload, out var rows))
        {
            uploads.Add(upload, rows = []);
        }

        Count += rows.Add(row) ? 1 : 0;
    }
}
