using Parquet;
using Parquet.Schema;

namespace Enrichment.Parquet.Columns;

/// <summary>A column of values of a fixed size.</summary>
internal sealed class ValueColumn<T>(DataField declared, Func<object, T> read) : ParquetColumn(declared)
    where T : struct
{
    private T?[] values = new T?[1_000];
    private int count;

    public override void Add(object? value)
    {
        if (count == values.Length)
        {
            Array.Resize(ref values, 2 * count);
        }

        values[count++] = value is null ? null : read(value);
    }

    public override Task WriteAsync(ParquetRowGroupWriter group) => group.WriteAsync<T>((DataField)Field, values.AsMemory(0, count));

    public override void Clear()
    {
        base.Clear();
        count = 0;
    }
}
