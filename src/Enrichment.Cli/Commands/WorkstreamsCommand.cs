using System.CommandLine;
using Enrichment.Ingestion;

namespace Enrichment.Cli.Commands;

/// <summary>The kinds of lists that are told by their headers.</summary>
internal sealed class WorkstreamsCommand : CliCommand
{
    public WorkstreamsCommand()
        : base(
            "workstreams",
            "Lists the workstreams that ship with the tool: what a row must have to be accepted, and the headers that identify the list (--json lists all of them). --workstream takes one of them, or a JSON file of your own. Needs no store.",
            "enrich workstreams",
            "enrich workstreams --json") => LimitOption.AddTo(this);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new Listing(parsed, "workstreams", "workstream", ">version", "a row must have", "told by", "pipeline")
        {
            Nothing = "There are no workstreams.",
        };
        foreach (var workstream in Workstream.BuiltIn.Append(Workstream.Any).OrderBy(known => known.Name, StringComparer.Ordinal))
        {
            var map = workstream.HeaderMap;
            await list.AddAsync(
                new
                {
                    Workstream = workstream.Name,
                    workstream.Version,
                    map.Required,
                    map.AnyOf,
                    workstream.RecognizedBy,
                    workstream.Pipeline,
                },
                workstream.Name,
                $"{workstream.Version}",
                string.Join(" and ", map.Required.Concat(map.AnyOf.Select(group => $"({string.Join(" or ", group)})"))),
                Listing.First(workstream.RecognizedBy), workstream.Pipeline);
        }

        return await list.EndAsync();
    }
}
