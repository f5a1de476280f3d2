using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Forgets a mapping.</summary>
internal sealed class MappingsForgetCommand : CliCommand
{
    private readonly Argument<int> mapping = new("MAPPING") { Description = "The number that 'enrich mappings' lists." };

    public MappingsForgetCommand()
        : base("forget", "Forgets a mapping: later uploads are read without it.", "enrich mappings forget 3") => Arguments.Add(mapping);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        await session.Client.ForgetMappingAsync(parsed.GetValue(mapping), cancellationToken: cancellationToken);
        return new(new { Mapping = parsed.GetValue(mapping) }, $"Mapping {parsed.GetValue(mapping)} is forgotten.");
    }
}
