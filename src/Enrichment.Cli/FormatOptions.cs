using System.CommandLine;
using Enrichment.Consolidation;
using Enrichment.Parquet;

namespace Enrichment.Cli;

/// <summary>In which format rows are written, and what ends them.</summary>
internal sealed class FormatOptions
{
    private const string Csv = "csv";
    private const string JsonLines = "jsonl";
    private const string Parquet = "parquet";

    private readonly Option<string?> format = new Option<string?>("--format")
    {
        Description = "The format of the output: csv, jsonl (JSON lines) or parquet. Without it: by the ending of the output's name, else csv.",
        HelpName = "FORMAT",
    }.AcceptOnlyWords(Csv, JsonLines, Parquet);

    private readonly Option<string?> delimiter = DelimiterOption.Create(
        "--output-delimiter",
        "The character between the cells of the output, or 'tab'. Without it: a comma.");

    private readonly Option<bool> mark = new("--bom")
    {
        Description = "Begin the output with a byte order mark, so that Excel reads it as UTF-8.",
    };

    private readonly Option<bool> raw = new("--raw")
    {
        Description = "Write texts as they are. Without it, a text that a spreadsheet would run as a formula gets an apostrophe before it.",
    };

    private readonly Option<bool> numbersAsText = new("--numbers-as-text")
    {
        Description = "Write numbers with a fraction as texts in Parquet, with all of their digits: a DOUBLE has fifteen.",
    };

    private readonly Option<bool> withStatus = new("--with-status")
    {
        Description =
            "Add the columns enrichment.row (the row's number in the file), enrichment.status and enrichment.error, so that a reader sees which rows failed, and why.",
    };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [format, withStatus, mark, delimiter, raw, numbersAsText];

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether rows end with the status of their items.</summary>
    public bool HasStatus(ParseResult parsed) => parsed.GetValue(withStatus);

    /// <param name="parsed">The command line.</param>
    /// <param name="output">The output's name, whose ending may tell the format.</param>
    /// <exception cref="EnrichmentException">An option is not for the format, or the delimiter is not one character.</exception>
    public IExportFormat Read(ParseResult parsed, string output)
    {
        var word = parsed.GetValue(format) ?? Path.GetExtension(output).ToLowerInvariant() switch
        {
            ".jsonl" or ".ndjson" => JsonLines,
            ".parquet" => Parquet,
            _ => Csv,
        };
        return word switch
        {
            JsonLines => WithoutCsvOptions(parsed, new JsonLinesFormat()),
            Parquet => WithoutCsvOptions(parsed, new ParquetFormat { NumbersAsText = parsed.GetValue(numbersAsText) }),
            _ => new CsvFormat
            {
                Raw = parsed.GetValue(raw),
                ByteOrderMark = parsed.GetValue(mark),
                Delimiter = DelimiterOf(parsed),
            },
        };
    }

    private IExportFormat WithoutCsvOptions(ParseResult parsed, IExportFormat chosen) =>
        ((Option[])[mark, delimiter, raw]).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given
            ? throw new EnrichmentException($"{given.Name} is about CSV, and the format is {chosen.Name}. Leave it out, or choose {format.Name} {Csv}.")
            : chosen;

    private char DelimiterOf(ParseResult parsed) => DelimiterOption.Read(parsed, delimiter) switch
    {
        null => ',',
        '"' or '\r' or '\n' => throw new EnrichmentException($"{delimiter.Name} cannot be a quote or the end of a line."),
        { } given => given,
    };
}
