namespace Enrichment.Storage;

/// <summary>
/// The results that the records of claimed items are made of, read so that no more bytes are held at once than the claim allows.
/// </summary>
/// <remarks>
/// The first reading brings small results, and the sizes of all. <see cref="CutToFit"/> then takes items off the end that do not fit; a
/// second reading brings the large results of the others.
/// </remarks>
internal sealed class ItemSources
{
    // Below it a result is read at once, for any number of stages: another query would cost more than the bytes.
    private const int LeastInline = 2048;

    private readonly List<ClaimedItem> items;
    private readonly Dictionary<int, int> places;
    private readonly long[] bytes;
    private readonly long most;
    private bool large;

    /// <param name="request">The request: its limits, and the stages whose results are read.</param>
    /// <param name="items">The items that were read, ascending; at least one.</param>
    public ItemSources(ClaimRequest request, List<ClaimedItem> items)
    {
        this.items = items;
        most = request.ByteLimit;
        places = new(items.Count);
        bytes = new long[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            places[items[i].Item] = i;
            bytes[i] = items[i].Raw.Length;
        }

        Inline = (int)Math.Clamp(request.ByteLimit / ((long)request.Limit * request.Sources.Count), LeastInline, int.MaxValue);
    }

    public int First => items[0].Item;

    public int Last => items[^1].Item;

    /// <summary>Only results of more bytes are read.</summary>
    public int Above { get; private set; }

    /// <summary>Of results of more bytes the size alone is read.</summary>
    public int Inline { get; private set; }

    /// <summary>
    /// Adds a result to its item, or notes its size. Results of items that were not claimed, or do not fit, are passed over.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="stage">The stage of the result.</param>
    /// <param name="size">How many bytes it has.</param>
    /// <param name="result">Itself, if it was read.</param>
    public void Add(int item, short stage, int size, ReadOnlyMemory<byte>? result)
    {
        if (!places.TryGetValue(item, out var place) || place >= items.Count)
        {
            return;
        }

        bytes[place] += size;
        if (result is { } read)
        {
            items[place].Results.Add((stage, read));
        }
        else
        {
            large = true;
        }
    }

    /// <summary>Takes the items off the end that do not fit.</summary>
    /// <returns>Whether large results are to be read for those that stay: <see cref="Above"/> and <see cref="Inline"/> say which.</returns>
    public bool CutToFit()
    {
        var (held, fitting) = (0L, 0);
        while (fitting < items.Count && ((held += bytes[fitting]) <= most || fitting == 0))
        {
            fitting++;
        }

        items.RemoveRange(fitting, items.Count - fitting);
        (Above, Inline) = (Inline, int.MaxValue);
        return large;
    }

    /// <summary>Puts the results of each item in the order of their stages, which a second reading has disturbed.</summary>
    public void Order() => items.ForEach(item => item.Results.Sort((one, other) => one.Stage.CompareTo(other.Stage)));
}
