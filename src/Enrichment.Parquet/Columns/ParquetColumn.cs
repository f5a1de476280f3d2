using System.Globalization;
using Enrichment.Consolidation;
using Parquet;
using Parquet.Schema;

namespace Enrichment.Parquet.Columns;

/// <summary>The values of a column that wait for the end of their row group.</summary>
/// <param name="declared">The column in the file's schema.</param>
internal abstract class ParquetColumn(Field declared)
{
    /// <summary>The column in the file's schema.</summary>
    public Field Field { get; } = declared;

    /// <summary>How many bytes its texts take.</summary>
    public long Bytes { get; protected set; }

    /// <exception cref="EnrichmentException">The column has no place in Parquet.</exception>
    public static ParquetColumn Of(ExportColumn column, bool numbersAsText) => column switch
    {
        { Columns.Count: > 0 } => throw new EnrichmentException(
            $"A row of Parquet has no place for the rows of '{column.Name}'. Export that table by itself, or choose JSON lines."),
        _ when column.Type == typeof(string) => new TextColumn(column.Name, value => (string)value),
        _ when column.Type == typeof(long) => new ValueColumn<long>(Declare<long>(column), value => (long)value),
        _ when column.Type == typeof(decimal) && numbersAsText => new TextColumn(column.Name, value => Digits((decimal)value)),
        _ when column.Type == typeof(decimal) =>
            new ValueColumn<double>(Declare<double>(column), value => ExactDouble.Of((decimal)value, column.Name)),
        _ when column.Type == typeof(bool) => new ValueColumn<bool>(Declare<bool>(column), value => (bool)value),
        _ when column.Type == typeof(DateOnly) => new ValueColumn<DateOnly>(Declare<DateOnly>(column), value => (DateOnly)value),
        _ when column.Type == typeof(DateTimeOffset) => new ValueColumn<DateTime>(
            new DateTimeDataField(column.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: true),
            value => ((DateTimeOffset)value).UtcDateTime),
        _ when column.Type == typeof(IReadOnlyList<string>) => new ListColumn(column.Name),
        _ => throw new EnrichmentException($"Column '{column.Name}' holds {column.Type}, which has no place in Parquet. Leave it out."),
    };

    /// <summary>Adds the value of a row; null if it has none.</summary>
    public abstract void Add(object? value);

    /// <summary>Writes what waits.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group);

    /// <summary>Forgets what was written.</summary>
    public virtual void Clear() => Bytes = 0;

    private static DataField Declare<T>(ExportColumn column) => new(column.Name, typeof(T), isNullable: true);

    private static string Digits(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);
}
