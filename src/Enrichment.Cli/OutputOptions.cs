using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;

namespace Enrichment.Cli;

/// <summary>What to write of a batch, where to and how.</summary>
internal sealed class OutputOptions
{
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = $"The file to write. {Output.Description}",
        HelpName = "FILE",
        Required = true,
    };
    private readonly Option<string?> projection = ProjectionOption.Create(
        "The table to bring up to date and to write. Without it: all columns and produced fields.");
    private readonly FormatOptions format = new();
    private readonly Option<string?> asOf = AsOfOption.Create();

    public void AddTo(Command command)
    {
        command.Options.Add(output);
        command.Options.Add(projection);
        command.Options.Add(asOf);
        format.AddTo(command);
    }

    /// <exception cref="EnrichmentException">The file is not there, or is no projection.</exception>
    public Projection? Table(ParseResult parsed) => ProjectionOption.Read(parsed, projection);

    /// <summary>How the command line names the projection.</summary>
    public string? Named(ParseResult parsed) => parsed.GetValue(projection);

    /// <summary>In which format; without a projection it is CSV.</summary>
    /// <exception cref="EnrichmentException">The options do not fit each other.</exception>
    public IExportFormat Format(ParseResult parsed)
    {
        var chosen = format.Read(parsed, parsed.GetRequiredValue(output));
        return chosen is CsvFormat || parsed.GetValue(projection) is not null ? chosen : throw new EnrichmentException(
            $"Without a projection the output is CSV, not {chosen.Name}. Add {projection.Name}, or choose --format csv.");
    }

    /// <summary>Whether rows end with the status of their items.</summary>
    public bool HasStatus(ParseResult parsed) => format.HasStatus(parsed);

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
}
