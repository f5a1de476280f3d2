namespace Enrichment.Storage;

/// <summary>How many bytes the records of claimed items take, so that no more are held at once than the claim allows.</summary>
internal sealed class SourceBytes
{
    // Below it a result is read at once, whatever the number of stages: another question would cost more than the bytes.
    private const int LeastInline = 2048;

    private readonly ClaimRequest request;
    private readonly List<ClaimedItem> items;
    private readonly Dictionary<int, long> bytes;
    private bool large;

    /// <param name="request">What was asked for: its limits, and the stages whose results are read.</param>
    /// <param name="items">The items that were read, ascending; at least one.</param>
    public SourceBytes(ClaimRequest request, List<ClaimedItem> items)
    {
        this.request = request;
        this.items = items;
        bytes = items.ToDictionary(item => item.Item, item => (long)item.Raw.Length);
        Inline = (int)Math.Clamp(request.ByteLimit / ((long)request.Limit * request.Sources.Count), LeastInline, int.MaxValue);
    }

    /// <summary>Results of so many bytes are read at once, together with the sizes of all others.</summary>
    public int Inline { get; }

    /// <summary>Notes a result.</summary>
    public void Add(int item, int size)
    {
        bytes[item] += size;
        large |= size > Inline;
    }

    /// <summary>Takes the items off the end that do not fit.</summary>
    /// <returns>Whether there are larger results to be read for those that stay.</returns>
    public bool Cut()
    {
        var (held, fitting) = (0L, 0);
        while (fitting < items.Count && ((held += bytes[items[fitting].Item]) <= request.ByteLimit || fitting == 0))
        {
            fitting++;
        }

        items.RemoveRange(fitting, items.Count - fitting);
        return large;
    }
}
