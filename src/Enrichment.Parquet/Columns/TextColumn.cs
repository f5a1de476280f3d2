using Parquet;
using Parquet.Schema;

namespace Enrichment.Parquet.Columns;

/// <summary>A column of texts.</summary>
internal sealed class TextColumn(string name, Func<object, string> read)
    : ParquetColumn(new DataField(name, typeof(string), isNullable: true))
{
    private readonly List<string?> values = [];

    public override void Add(object? value)
    {
        var text = value is null ? null : read(value);
        values.Add(text);
        Bytes += (text?.Length ?? 0) * sizeof(char);
    }

    // The library takes nulls here, whatever its annotation says.
    public override Task WriteAsync(ParquetRowGroupWriter group) => group.WriteAsync((DataField)Field, values!);

    public override void Clear()
    {
        base.Clear();
        values.Clear();
    }
}
