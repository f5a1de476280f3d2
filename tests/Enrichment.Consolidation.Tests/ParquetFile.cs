using DuckDB.NET.Data;

namespace Enrichment.Consolidation.Tests;

/// <summary>A file of Parquet that DuckDB reads.</summary>
internal sealed class ParquetFile : IAsyncDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"enrichment-{Guid.NewGuid():N}.parquet");

    public ParquetFile() => Content = File.Create(path);

    public FileStream Content { get; }

    /// <summary>The rows of the file, or of a query that names it <c>file</c>; each cell in the type that an export has.</summary>
    public List<object?[]> Read(string sql = "select * from file")
    {
        Content.Flush();
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        var ofFile = sql.Replace("'file'", $"'{path}'", StringComparison.Ordinal);
        command.CommandText = $"set timezone = 'UTC'; create view file as from read_parquet('{path}'); {ofFile}";
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            rows.Add(
            [
                .. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : Value(reader.GetValue(column))),
            ]);
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync();
        File.Delete(path);
    }

    private static object Value(object value) =>
        value is DateTime instant ? new DateTimeOffset(DateTime.SpecifyKind(instant, DateTimeKind.Utc)) : value;
}
