using System.Data.Common;
using Enrichment.Providers.Lookup.Rows;

namespace Enrichment.Providers.Lookup.Sql;

/// <summary>Reads the rows of a query.</summary>
internal static class QueryRows
{
    /// <exception cref="LookupFault">A column is missing, or there are too many rows.</exception>
    public static async Task<LookupTable> ReadAsync(DbDataReader reader, SqlLookupOptions options, CancellationToken cancellationToken)
    {
        var shape = new RowShape(options, [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], "The query");
        var table = new LookupTable(options.Rows);
        Func<int, object?> cell = column => Read(reader, column);
        var read = 0;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (++read > options.MaxRows)
            {
                throw LookupFault.Configuration(
                    $"The query returns more than {options.MaxRows} rows for one call. Have it return one for each key, or raise maxRows.");
            }

            if (Key(shape, cell) is { } key)
            {
                table.Add(key, shape.Row(cell, line: 0));
            }
        }

        return table;
    }

    private static string? Key(RowShape shape, Func<int, object?> cell)
    {
        try
        {
            return shape.Key(cell);
        }
        catch (FormatException exception)
        {
            throw LookupFault.Configuration($"The query returns a key that cannot be compared: {exception.Message}");
        }
    }

    private static object? Read(DbDataReader reader, int column)
    {
        try
        {
            return Cell.Of(reader.GetValue(column), reader.GetDataTypeName(column));
        }
        catch (Exception exception)
            when (exception is OverflowException or InvalidCastException or InvalidOperationException or NotSupportedException)
        {
            throw new FormatException(
                $"the column '{reader.GetName(column)}' of type {reader.GetDataTypeName(column)} holds a value that cannot be read. Cast it in the query.",
                exception);
        }
    }
}
