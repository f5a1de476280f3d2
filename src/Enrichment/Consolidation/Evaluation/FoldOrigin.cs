using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Which items gave the cells of a row that was folded by columns, as the table keeps it beside them.</summary>
/// <param name="Items">The items, in the order in which columns need them.</param>
/// <param name="Places">
/// Of each column that the table has and that has sources, in order: the number of its item from 1,
/// <see cref="RowOrigin.None"/>, <see cref="RowOrigin.Default"/>, <see cref="RowOrigin.Every"/>, or <see cref="RowOrigin.Uncounted"/>.
/// </param>
/// <remarks>Written as the version, the number of items, each with its batch, then one byte for each column.</remarks>
internal sealed record FoldOrigin(IReadOnlyList<(int Batch, int Item)> Items, byte[] Places)
{
    /// <summary>Appends it to what is written.</summary>
    public static void Append(Utf8Sink bytes, int version, IReadOnlyList<(int Batch, int Item)> items, ReadOnlySpan<byte> places)
    {
        RowOrigin.Append(bytes, version);
        RowOrigin.Append(bytes, items.Count);
        foreach (var (batch, item) in items)
        {
            RowOrigin.Append(bytes, batch);
            RowOrigin.Append(bytes, item);
        }

        bytes.Append(places);
    }

    /// <summary>Reads what a row has.</summary>
    public static FoldOrigin Read(ReadOnlySpan<byte> bytes)
    {
        RowOrigin.Take(ref bytes);
        var items = new (int, int)[RowOrigin.Take(ref bytes)];
        for (var item = 0; item < items.Length; item++)
        {
            items[item] = (RowOrigin.Take(ref bytes), RowOrigin.Take(ref bytes));
        }

        return new(items, bytes.ToArray());
    }
}
