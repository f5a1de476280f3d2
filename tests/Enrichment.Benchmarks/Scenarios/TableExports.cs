using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Work;
using Enrichment.Consolidation;
using Enrichment.Parquet;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>Exports a table as a whole into nothing: in each format, sorted, and with its child rows.</summary>
internal static class TableExports
{
    public static async Task<Figures> MeasureAsync(ProjectionQuery query, int rows)
    {
        var figures = new Figures();
        foreach (var (name, asked, options) in new (string, ProjectionQuery, ExportOptions)[]
        {
            ("csv", query, new()),
            ("csv_sorted", query.OrderBy(LeadTables.ByItem.ColumnNames[0]), new()),
            ("jsonl", query, new() { Format = new JsonLinesFormat() }),
            ("jsonl_with_children", query, new() { Format = new JsonLinesFormat(), Children = LeadTables.Children }),
            ("parquet", query, new() { Format = new ParquetFormat() }),
        })
        {
            var meter = new Meter();
            var export = await asked.ExportAsync(Stream.Null, options);
            var used = meter.Stop();
            if (export.Rows != rows)
            {
                throw new InvalidOperationException($"The run is void: {export.Rows} rows were exported.");
            }

            figures[$"{name}_rows_per_second"] = rows / used.Elapsed.TotalSeconds;
            figures[$"{name}_engine_cpu_us_per_row"] = used.Cpu.TotalMicroseconds / rows;
            figures[$"{name}_bytes_per_row"] = (double)export.Bytes / rows;
            figures[$"{name}_peak_memory_mb"] = used.PeakMemory / 1e6;
        }

        return figures;
    }
}
