using Parquet;
using Parquet.Schema;

namespace Enrichment.Parquet.Columns;

/// <summary>A column of lists of texts, in which no list and an empty list differ.</summary>
internal sealed class ListColumn(string name) : ParquetColumn(new ListField(name, new DataField<string>("element")))
{
    // How much of a value is there, as Parquet counts it: no list, a list without elements, an element.
    private const int NoList = 0;
    private const int EmptyList = 1;
    private const int Element = 3;

    private readonly List<ReadOnlyMemory<char>> elements = [];
    private readonly List<int> definitions = [];
    private readonly List<int> repetitions = [];

    public override void Add(object? value)
    {
        if (value is not IReadOnlyList<string> { Count: > 0 } list)
        {
            definitions.Add(value is null ? NoList : EmptyList);
            repetitions.Add(0);
            return;
        }

        for (var place = 0; place < list.Count; place++)
        {
            elements.Add(list[place].AsMemory());
            definitions.Add(Element);
            repetitions.Add(place == 0 ? 0 : 1);
            Bytes += list[place].Length * sizeof(char);
        }
    }

    public override Task WriteAsync(ParquetRowGroupWriter group) => group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
        (DataField)((ListField)Field).Item, elements.ToArray(), definitions.ToArray(), repetitions.ToArray(), CancellationToken.None);

    public override void Clear()
    {
        base.Clear();
        elements.Clear();
        definitions.Clear();
        repetitions.Clear();
    }
}
