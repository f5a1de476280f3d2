using System.Text;
using CsvHelper;
using Enrichment.Providers.Lookup.Rows;

namespace Enrichment.Providers.Lookup.Csv;

/// <summary>Reads a reference table whole. Strictly: a table that is not what it seems would answer wrongly for every batch.</summary>
internal static class CsvFile
{
    private const int NamedDuplicates = 5;

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
    public static LookupTable Read(CsvLookupOptions options)
    {
        var name = Path.GetFileName(options.File);
        try
        {
            using var file = new FileStream(options.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > options.MaxMegabytes * 1024L * 1024)
            {
                throw LookupFault.Configuration($"{name} has more than {options.MaxMegabytes} MiB. Raise MaxMegabytes if there is memory for it, or keep the table in a database: lookup.sql.");
            }

            using var text = new StreamReader(file, Strict);
            using var reader = CsvReader.Create(text, Rules, leaveOpen: true);
            return Read(reader, options, name);
        }
        catch (CsvFormatException exception)
        {
            throw LookupFault.Configuration($"{name}, line {exception.LineNumber}: its quotes do not match, or it has not as many cells as the header.");
        }
        catch (DecoderFallbackException)
        {
            throw LookupFault.Configuration($"{name} is not UTF-8. Save it as that.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw LookupFault.Configuration($"There is no file '{Path.GetFullPath(options.File)}' that may be read. Correct File; a path is relative to the folder in which the host was started.");
        }
        catch (IOException)
        {
            throw LookupFault.Passing($"{name} cannot be read now.");
        }
    }

    private static LookupTable Read(CsvReader reader, CsvLookupOptions options, string name)
    {
        reader.ReadHeader();
        var shape = new RowShape(options, [.. reader.Headers ?? []], name);
        var table = new LookupTable(options.Rows);
        Func<int, object?> cell = column => reader.GetString(column) is var text && string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        var twice = new List<string>();
        while (reader.Read())
        {
            if (shape.Key(cell) is { } key && table.Add(key, shape.Row(cell, reader.LineNumber)) is { } before && options.Rows == LookupRows.One && twice.Count <= NamedDuplicates)
            {
                twice.Add($"{before.Line} and {reader.LineNumber}");
            }
        }

        return twice.Count == 0 ? table : throw LookupFault.Configuration(
            $"{name} has the same key on several lines: {string.Join(", ", twice.Take(NamedDuplicates))}{(twice.Count > NamedDuplicates ? " and more" : "")}. Remove one of each, or set Rows to Freshest.");
    }
}
