using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Maps headers of the client's lists of a workstream.</summary>
internal sealed class MappingsSetCommand : CliCommand
{
    private readonly InputOptions input = new();
    private readonly HeaderOption columns = new("Maps this header to this field, or to nothing; may be repeated.") { Required = true };

    public MappingsSetCommand()
        : base(
            "set",
            "Maps headers of the client's lists of a workstream to fields, before the workstream's own headers. Replaces the client's mapping of the workstream; uploads that are there stay as they are.",
            "enrich mappings set --workstream crm_data --column 'Firmenname=company.name' --column 'Score='")
    {
        input.Workstream.Required = true;
        Options.Add(input.Workstream);
        columns.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var read = columns.Read(parsed);
        string? workstream = null;
        await using var session = await Session.OpenAsync(
            parsed,
            cancellationToken,
            also: builder => workstream = input.Name(parsed, builder));
        var number = await session.Client.SetMappingAsync(workstream!, read, cancellationToken: cancellationToken);
        return new(new { Mapping = number }, $"Mapping {number} holds for later uploads of {workstream}.");
    }
}
