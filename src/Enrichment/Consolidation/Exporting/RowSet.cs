using System.Data.Common;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Exporting;

/// <summary>Rows that an export reads at once: at most 1,000, and not much more than 4 MB.</summary>
/// <param name="dialect">Reads values.</param>
/// <param name="columns">The columns that are read.</param>
/// <param name="batches">The batches that the table shows, by their inner keys.</param>
internal sealed class RowSet(
    ProjectionDialect dialect, IReadOnlyList<ProjectionColumn> columns, IReadOnlyDictionary<int, ExportedBatch> batches)
{
    public const int MostRows = 1_000;

    private const int MostBytes = 4 * 1024 * 1024;
    private const int BytesOfValue = 16;

    private List<ExportedRow> last = new(MostRows);

    public List<ExportedRow> Rows { get; private set; } = new(MostRows);

    /// <summary>How many bytes its values take, roughly.</summary>
    public long Bytes { get; private set; }

    public bool IsFull => Rows.Count >= MostRows || Bytes >= MostBytes;

    /// <summary>How many rows of this kind make a set full.</summary>
    public int RowsAtOnce => Rows.Count == 0 ? MostRows : (int)Math.Clamp(MostBytes * (long)Rows.Count / Math.Max(1, Bytes), 1, MostRows);

    /// <summary>Begins another set. The rows of the last one stay until then: they may still be in use.</summary>
    public void Clear()
    {
        (Rows, last) = (last, Rows);
        Rows.Clear();
        Bytes = 0;
    }

    /// <summary>Adds a row: its batch's inner key, its item, then its cells.</summary>
    public void Add(DbDataReader reader)
    {
        const int FirstCell = 2;
        var values = new object?[columns.Count];
        var ordinal = FirstCell;
        for (var column = 0; column < values.Length; column++)
        {
            values[column] = dialect.Read(reader, ref ordinal, columns[column]);
            Bytes += values[column] switch
            {
                string text => text.Length * sizeof(char),
                IReadOnlyList<string> list => list.Sum(text => text.Length * sizeof(char)),
                _ => BytesOfValue,
            };
        }

        Rows.Add(new(batches[reader.GetInt32(0)], reader.GetInt32(1), values));
    }
}
