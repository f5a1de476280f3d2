using System.Text;
using CsvHelper;
using Enrichment.Providers.Lookup.Rows;
using Microsoft.Extensions.Logging;

namespace Enrichment.Providers.Lookup.Csv;

/// <summary>Reads a reference table whole. Strictly: a table that is not what it seems would answer wrongly for every batch.</summary>
internal static partial class CsvFile
{
    private const int NamedLines = 5;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly CsvReaderOptions Rules = new()
    {
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        TrackLineNumbers = true,
        IncludeValuesInExceptions = false,
        MaxRecordSize = 1024 * 1024,
        PoolStrings = true,
    };

    /// <exception cref="LookupFault">It cannot be read, or is not sound.</exception>
    public static LookupTable Read(CsvLookupOptions options, ILogger? logger)
    {
        var name = Path.GetFileName(options.File);
        try
        {
            using var file = new FileStream(options.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > options.MaxMegabytes * 1024L * 1024)
            {
                throw LookupFault.Configuration(
                    $"{name} has more than {options.MaxMegabytes} MiB. Raise maxMegabytes if there is memory for it, or keep the table in a database: lookup.sql.");
            }

            using var text = new StreamReader(file, Strict);
            using var reader = CsvReader.Create(text, Rules, leaveOpen: true);
            return Read(reader, options, name, logger);
        }
        catch (CsvFormatException exception)
        {
            throw LookupFault.Configuration(
                $"{name}, line {exception.LineNumber}: its quotes do not match, or its number of cells differs from the header's.");
        }
        catch (DecoderFallbackException)
        {
            throw LookupFault.Configuration($"{name} is not UTF-8. Save it as UTF-8.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw LookupFault.Configuration(
                $"There is no file '{Path.GetFullPath(options.File)}' that can be read. Correct File; a path is relative to the folder in which the host was started.");
        }
        catch (IOException)
        {
            throw LookupFault.Passing($"{name} cannot be read now.");
        }
    }

    private static LookupTable Read(CsvReader reader, CsvLookupOptions options, string name, ILogger? logger)
    {
        reader.ReadHeader();
        var shape = new RowShape(options, [.. reader.Headers ?? []], name);
        var table = new LookupTable(options.Rows);
        Func<int, object?> cell = column => reader.GetString(column) is var text && string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        var twice = new Lines();
        var unfindable = new Lines();
        var rows = 0L;
        for (; reader.Read(); rows++)
        {
            if (shape.Key(cell) is not { } key)
            {
                unfindable.Add($"{reader.LineNumber}");
            }
            else if (table.Add(key, shape.Row(cell, reader.LineNumber)) is { } before && options.Rows == LookupRows.One)
            {
                twice.Add($"{before.Line} and {reader.LineNumber}");
            }
        }

        if (twice.Count > 0)
        {
            throw LookupFault.Configuration(
                $"{name} has the same key on several lines: {twice}. Remove one of each, or set Rows to Freshest.");
        }

        var parts = string.Join(", ", options.Key.Select(part => $"{part.Key} ({part.Value.As})"));
        if (unfindable.Count == rows && rows > 0)
        {
            throw LookupFault.Configuration(
                $"{name} has no row with a usable key, {parts}: none of its {rows} rows has such a value. Correct the columns of Key or their form, or the table.");
        }

        if (unfindable.Count > 0 && logger is not null)
        {
            PassedOver(logger, name, unfindable.Count, rows, parts, unfindable.ToString());
        }

        return table;
    }

    [LoggerMessage(1, LogLevel.Warning, "{File}: {Count} of {Rows} rows are never found, because they have no key, {Key}: lines {Lines}")]
    private static partial void PassedOver(ILogger logger, string file, int count, long rows, string key, string lines);

    /// <summary>Lines with the same problem, of which the first are named.</summary>
    private sealed class Lines
    {
        private readonly List<string> named = [];

        public int Count { get; private set; }

        public void Add(string line)
        {
            if (++Count <= NamedLines)
            {
                named.Add(line);
            }
        }

        public override string ToString() => $"{string.Join(", ", named)}{(Count > named.Count ? " and more" : "")}";
    }
}
