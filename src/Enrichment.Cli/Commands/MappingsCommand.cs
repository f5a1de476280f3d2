using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>The client's own mappings of headers to fields.</summary>
internal sealed class MappingsCommand : CliCommand
{
    private readonly Option<bool> history = new("--history")
    {
        Description = "Also those that were replaced, and the acts of forgetting.",
    };

    public MappingsCommand()
        : base(
            "mappings",
            "Lists the client's own mappings of headers to fields: those of a workstream, and those of files that were mapped with 'enrich upload --column', which hold for every file of the client with the same headers.",
            "enrich mappings",
            "enrich mappings --history --json")
    {
        Options.Add(history);
        LimitOption.AddTo(this);
        Subcommands.Add(new MappingsSetCommand());
        Subcommands.Add(new MappingsForgetCommand());
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var list = new Listing(parsed, "mappings", ">mapping", "of", "columns", "set", "by")
        {
            About = new { Client = session.Client.Slug },
            Nothing = $"Client '{session.Client.Slug}' has no mapping of its own.",
        };
        foreach (var mapping in await session.Client.ListMappingsAsync(parsed.GetValue(history), cancellationToken))
        {
            await list.AddAsync(
                new { Mapping = mapping.Number, mapping.Workstream, mapping.Headers, mapping.Columns, SetAt = mapping.At, mapping.By },
                $"{mapping.Number}",
                mapping.Workstream ?? $"files with {Plural.Of(mapping.Headers!.Count, "column")}",
                mapping.Columns is { } columns
                    ? string.Join(", ", columns.Select(column => $"{column.Key} -> {column.Value ?? "nothing"}"))
                    : "forgotten",
                $"{mapping.At.UtcDateTime:yyyy-MM-dd HH:mm}Z",
                mapping.By);
        }

        return await list.EndAsync();
    }
}
