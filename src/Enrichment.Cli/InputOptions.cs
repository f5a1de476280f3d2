using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Ingestion;

namespace Enrichment.Cli;

/// <summary>Which file to read and how; what is left out is detected.</summary>
internal sealed class InputOptions
{
    private static readonly string[] BuiltIn =
    [
        .. Enrichment
            .Ingestion.Workstream.BuiltIn.Append(Enrichment.Ingestion.Workstream.Any)
            .Select(workstream => workstream.Name)
            .Order(StringComparer.Ordinal),
    ];

    // A file, where a shell has redirected one.
    private const string StandardInput = "/dev/stdin";

    public Argument<string> File { get; } = new("FILE") { Description = "CSV, TSV or JSON lines; - is standard input." };

    public Option<string?> Workstream { get; } =
        new("--workstream")
        {
            Description =
                "The kind of list, which says what a row must have: a name (apollo_scrape, salesnav_koolkit, crm_data, customer_companies, any) or a JSON file. Without it the headers decide, and no row is rejected for a missing value.",
            HelpName = "NAME|FILE",
        };

    public Option<string?> Delimiter { get; } =
        DelimiterOption.Create("--delimiter", "The character between cells, or 'tab'. Without it: detected.");

    public Option<string?> Encoding { get; } =
        new("--encoding")
        {
            Description =
                "The character encoding, such as utf-8 or windows-1252. Without it: detected; if the bytes are ambiguous, the command asks for it.",
            HelpName = "NAME",
        };

    public Option<int?> Preamble { get; } =
        new Option<int?>("--preamble") { Description = "Lines before the header. Without it: detected.", HelpName = "LINES" }.AcceptOnlyFrom(
            0,
            int.MaxValue);

    private readonly HeaderOption columns = new(
        "Maps this header to this field, before all other rules; without a field it feeds nothing; may be repeated. The next files of the client with the same headers are mapped alike: see 'enrich mappings'.");

    public Option<bool> NoHeader { get; } = new("--no-header") { Description = "The first line is data already." };

    public void AddTo(Command command)
    {
        command.Arguments.Add(File);
        foreach (var option in (Option[])[Workstream, Delimiter, Encoding, Preamble, NoHeader])
        {
            command.Options.Add(option);
        }

        columns.AddTo(command);
    }

    /// <exception cref="EnrichmentException">An option is not what it should be.</exception>
    public UploadOptions Read(ParseResult parsed, Input input) => new()
    {
        FileName = input.FileName,
        Delimiter = DelimiterOption.Read(parsed, Delimiter),
        Encoding = parsed.GetValue(Encoding),
        PreambleLines = parsed.GetValue(Preamble),
        HasHeader = !parsed.GetValue(NoHeader),
        Columns = columns.Read(parsed),
    };

    /// <exception cref="EnrichmentException">The file is not there or cannot be read.</exception>
    public Input Open(ParseResult parsed) => Input.Open(parsed.GetRequiredValue(File));

    /// <summary>The files that it reads, which no output may replace.</summary>
    public void Keep(ParseResult parsed, KeptFiles kept)
    {
        kept.Add("the input", parsed.GetValue(File) is { } file and not Output.Standard ? file : StandardInput);
        kept.Add("the workstream", parsed.GetValue(Workstream) is { } given && DefinitionFile.IsPath(given) ? given : null);
    }

    /// <summary>Adds the workstream of a file to the engine; one that has a name ships with the tool.</summary>
    /// <returns>Its name; null if the headers decide.</returns>
    /// <exception cref="EnrichmentException">There is no such file or name, or the file is no workstream.</exception>
    public string? Name(ParseResult parsed, EnrichmentBuilder builder)
    {
        if (parsed.GetValue(Workstream) is not { } given)
        {
            return null;
        }

        if (!DefinitionFile.IsPath(given))
        {
            return BuiltIn.Contains(given)
                ? given
                : throw new EnrichmentException(
                    $"There is no workstream '{given}'.{Nearest.Hint(given, [.. BuiltIn, .. DefinitionFile.Names("fields").Select(name => $"{name}.json")])} Known: {string.Join(", ", BuiltIn)}. Correct the name, or give a JSON file of your own: --workstream {given}.json.");
        }

        if (!System.IO.File.Exists(given))
        {
            throw new EnrichmentException(
                $"There is no workstream file '{given}'.{NearestFile.Hint(given)} The path is relative to {Environment.CurrentDirectory}; a name without '.json' is one of those that ship with the tool: {string.Join(", ", BuiltIn)}.");
        }

        var workstream = Enrichment.Ingestion.Workstream.Load(given);
        builder.AddWorkstream(workstream);
        return workstream.Name;
    }
}
