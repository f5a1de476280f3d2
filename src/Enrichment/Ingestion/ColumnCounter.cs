using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>Counts the values of an upload's columns while its rows are read, and keeps the first different ones.</summary>
internal sealed class ColumnCounter
{
    private const int MostSamples = 5;
    private readonly List<(int Filled, List<string> Samples)> columns = [];

    public void Add(IReadOnlyList<StagedRow> rows)
    {
        foreach (var row in rows)
        {
            Add(row.Raw.Span);
        }
    }

    /// <summary>What was counted, by the columns of a report.</summary>
    public IReadOnlyList<ColumnPreview> Columns(UploadReport report)
    {
        var fields = report.Mapped
            .SelectMany(mapped => mapped.Columns, (mapped, column) => (mapped.Field, column.Position))
            .ToLookup(fed => fed.Position, fed => fed.Field);
        return
        [
            .. report.Columns.Select((column, index) => index < columns.Count
                ? new ColumnPreview(column, fields[column.Position].FirstOrDefault(), columns[index].Filled, columns[index].Samples)
                : new ColumnPreview(column, fields[column.Position].FirstOrDefault(), 0, [])),
        ];
    }

    private void Add(ReadOnlySpan<byte> raw)
    {
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        for (var column = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; column++)
        {
            if (column == columns.Count)
            {
                columns.Add((0, []));
            }

            if (!IsFilled(ref reader))
            {
                continue;
            }

            var (filled, samples) = columns[column];
            columns[column] = (filled + 1, samples);
            if (samples.Count < MostSamples)
            {
                var sample = Excerpt.Of(RowCells.Text(ref reader)!);
                if (!samples.Contains(sample))
                {
                    samples.Add(sample);
                }
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static bool IsFilled(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => false,
        JsonTokenType.String when reader.ValueIsEscaped => !string.IsNullOrWhiteSpace(reader.GetString()),
        JsonTokenType.String => !DelimitedRows.IsBlank(reader.ValueSpan),
        _ => true,
    };
}
