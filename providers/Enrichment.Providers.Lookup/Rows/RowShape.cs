namespace Enrichment.Providers.Lookup.Rows;

/// <summary>Which columns of a query or file are the key, the answer, and its provenance.</summary>
internal sealed class RowShape
{
    private readonly (int Column, KeyForm Form)[] key;
    private readonly int[] values;
    private readonly int? observed;
    private readonly int? nothing;

    /// <param name="options">The settings.</param>
    /// <param name="columns">The names of the columns there are.</param>
    /// <param name="source">What errors call it: the query, or the file by its name.</param>
    /// <exception cref="LookupFault">A column is missing.</exception>
    public RowShape(LookupOptions options, IReadOnlyList<string> columns, string source)
    {
        key = [.. options.Key.Select(part => (Find(part.Key), part.Value.As))];
        values = [.. options.Fields.Values.Select(Find)];
        observed = options.Freshness is { } freshness ? Find(freshness.Column) : null;
        nothing = options.Nothing is { } negative ? Find(negative.Column) : null;

        int Find(string name)
        {
            var found = columns.Index().Where(column => string.Equals(column.Item.Trim(), name, StringComparison.OrdinalIgnoreCase))
                .Select(column => column.Index).ToList();
            return found.Count == 1 ? found[0] : throw LookupFault.Configuration(
                $"{source} has {(found.Count == 0 ? "no column" : "several columns")} '{name}'. It has {(columns.Count == 0 ? "none" : string.Join(", ", columns))}. Correct the name in the settings or there.");
        }
    }

    /// <summary>The key of a row; null if it has none, so that nothing can find it.</summary>
    public string? Key(Func<int, object?> cell)
    {
        var parts = key.Select(part => KeyText.Of(part.Form, Cell.Text(cell(part.Column)))).OfType<string>().ToList();
        return parts.Count == key.Length ? RecordKey.Join(parts) : null;
    }

    /// <summary>The kept part of a row. A row with an invalid cell is kept with the fault, which its item then reports.</summary>
    public LookupRow Row(Func<int, object?> cell, long line)
    {
        try
        {
            return new(
                [.. values.Select(cell)],
                observed is { } date ? Cell.Date(cell(date)) : null,
                nothing is { } flag && Cell.Flag(cell(flag)),
                line);
        }
        catch (FormatException exception)
        {
            return new([], null, false, line, line == 0 ? exception.Message : $"Line {line}: {exception.Message}");
        }
    }
}
