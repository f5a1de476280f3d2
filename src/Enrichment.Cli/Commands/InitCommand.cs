using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Files to start from.</summary>
internal sealed class InitCommand : CliCommand
{
    private const string Pipeline = """
        {
          // What is done with each row, stage after stage. 'enrich steps' lists the steps.
          "name": "pipeline",
          "stages": [
            "company.country",
            "company.name",
            "company.domain",
            "company.phone",
            "person.name",
            "person.email"
          ]
        }

        """;

    private const string Projection = """
        {
          // The table that comes out. A column takes the first of its sources that has a value:
          // {"field": …} ('enrich fields' lists them), {"column": …} (a header of your file), or {"result": STEP, "pointer": …}.
          // Types: text, integer, number, boolean, date, timestamp, text_list, json.
          "name": "projection",
          "columns": [
            { "name": "full_name", "type": "text", "sources": [{ "field": "person.full_name" }] },
            { "name": "email", "type": "text", "sources": [{ "field": "person.email" }] },
            { "name": "company", "type": "text", "sources": [{ "field": "company.name" }] },
            { "name": "domain", "type": "text", "sources": [{ "field": "company.domain" }] },
            { "name": "country", "type": "text", "sources": [{ "field": "company.country" }, { "field": "person.country" }] }
          ]
        }

        """;

    private static readonly (string Name, string Text)[] Files = [("pipeline.json", Pipeline), ("projection.json", Projection)];

    public InitCommand()
        : base("init", "Writes pipeline.json and projection.json into this folder, to start from. Files that are there stay as they are: then nothing is written.", "enrich init")
    {
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (Files.Where(file => Path.Exists(file.Name)).Select(file => file.Name).ToList() is { Count: > 0 } there)
        {
            throw new EnrichmentException($"Nothing was written: {string.Join(" and ", there)} {(there.Count == 1 ? "is" : "are")} there already. Remove or rename, or begin in another folder.");
        }

        foreach (var (name, text) in Files)
        {
            await using var file = new FileStream(name, FileMode.CreateNew, FileAccess.Write);
            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")), cancellationToken);
        }

        return new(
            new { Written = Files.Select(file => file.Name) },
            "Written: pipeline.json and projection.json. Then: enrich run leads.csv --pipeline pipeline --projection projection --output final_leads.csv");
    }
}
