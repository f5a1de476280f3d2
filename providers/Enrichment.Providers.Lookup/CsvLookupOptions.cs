namespace Enrichment.Providers.Lookup;

/// <summary>Settings of a <c>lookup.csv</c>.</summary>
public sealed class CsvLookupOptions : LookupOptions
{
    /// <summary>The file: UTF-8 or UTF-16 with a byte order mark, with a header, cells parted by comma, semicolon, tab or bar.</summary>
    [Fixed]
    public required string File { get; init; }

    /// <summary>How large it may be, in MiB, because the used columns stay in memory. Default: 100. From 1 to 1,024.</summary>
    public int MaxMegabytes { get; init; } = 100;

    internal override IEnumerable<string> Problems(StepManifest step)
    {
        if (string.IsNullOrWhiteSpace(File))
        {
            yield return "file is empty. Name the table.";
        }

        if (MaxMegabytes is < 1 or > 1024)
        {
            yield return $"maxMegabytes is {MaxMegabytes}: expected 1 to 1024. A larger table belongs in a database: lookup.sql.";
        }

        foreach (var problem in base.Problems(step))
        {
            yield return problem;
        }
    }
}
