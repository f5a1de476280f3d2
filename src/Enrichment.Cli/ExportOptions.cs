using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;

namespace Enrichment.Cli;

/// <summary>What to write of a batch, where to and how.</summary>
internal sealed class ExportOptions
{
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = $"The CSV to write. {Output.Description}",
        HelpName = "FILE",
        Required = true,
    };
    private readonly Option<string?> projection = ProjectionOption.Create(
        "The table to bring up to date and to write. Without it: all columns and produced fields.");
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

    private readonly Option<bool> withStatus = new("--with-status")
    {
        Description =
            "Add the columns enrichment.row (the row's number in the file), enrichment.status and enrichment.error, so that a reader sees which rows failed, and why.",
    };

    private readonly Option<string?> asOf = AsOfOption.Create();

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[output, projection, asOf, withStatus, mark, delimiter, raw])
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="EnrichmentException">The file is not there, or is no projection.</exception>
    public Projection? Table(ParseResult parsed) => ProjectionOption.Read(parsed, projection);

    /// <summary>How the command line names the projection.</summary>
    public string? Named(ParseResult parsed) => parsed.GetValue(projection);

    /// <exception cref="EnrichmentException">The delimiter is not one character.</exception>
    public CsvFormat Format(ParseResult parsed) => new()
    {
        Raw = parsed.GetValue(raw),
        ByteOrderMark = parsed.GetValue(mark),
        Delimiter = DelimiterOf(parsed),
        WithStatus = parsed.GetValue(withStatus),
    };

    /// <summary>The day from which the projection looks; null: today.</summary>
    /// <exception cref="EnrichmentException">It is no day, or there is no projection.</exception>
    public DateOnly? AsOf(ParseResult parsed) => parsed.GetValue(asOf) is not null && parsed.GetValue(projection) is null
        ? throw new EnrichmentException($"{asOf.Name} is about the expressions of a projection. Add {projection.Name}, or leave it out.")
        : AsOfOption.Read(parsed, asOf);

    /// <summary>Opens the output, before the work whose outcome it takes.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="kept">What the command reads besides the projection.</param>
    /// <param name="cancellationToken">Ends the wait for the reader of a pipe.</param>
    /// <exception cref="EnrichmentException">It cannot be written, is a kept file, or takes the place of the JSON object.</exception>
    public Task<Output> OpenAsync(ParseResult parsed, KeptFiles kept, CancellationToken cancellationToken)
    {
        var given = parsed.GetRequiredValue(output);
        RefuseTwoOutputs(parsed, given, output.Name);
        return Output.OpenAsync(given, kept.Add("the projection", ProjectionOption.PathOf(parsed, projection)), cancellationToken);
    }

    /// <exception cref="EnrichmentException">An output and the JSON object would both go to standard output.</exception>
    public static void RefuseTwoOutputs(ParseResult parsed, string given, string option)
    {
        if (Output.IsStandard(given) && parsed.GetValue(CommonOptions.Json))
        {
            throw new EnrichmentException(
                $"{option} {given} and --json would both write to standard output. Name a file, or leave out --json.");
        }
    }

    private char DelimiterOf(ParseResult parsed) => DelimiterOption.Read(parsed, delimiter) switch
    {
        null => ',',
        '"' or '\r' or '\n' => throw new EnrichmentException($"{delimiter.Name} cannot be a quote or the end of a line."),
        { } given => given,
    };
}
