using System.CommandLine;
using Enrichment.Consolidation.Changes;

namespace Enrichment.Cli.Commands;

/// <summary>Makes the version live again that was live before.</summary>
internal sealed class ProjectionRollbackCommand : CliCommand
{
    private readonly Argument<string?> name = ProjectionArgument.OfStored();
    private readonly Option<int?> to = new("--to")
    {
        Description = "The version, one that is kept: 'enrich projection list NAME' has them. Without it: the one that was live before.",
        HelpName = "VERSION",
    };

    public ProjectionRollbackCommand()
        : base(
            "rollback",
            "Lets readers see the version again that was live before, while its table is kept. A second call undoes the first; --to names a version. Hosts do not apply the replaced definition again by themselves.",
            "enrich projection rollback final_leads",
            "enrich projection rollback final_leads --to 2")
    {
        Arguments.Add(name);
        Options.Add(to);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken);
        var projection = await ProjectionArgument.FindAsync(session, parsed.GetRequiredValue(name)!, cancellationToken);
        var version = await new VersionOperations(session.Engine.Store, projection).RollBackAsync(parsed.GetValue(to), cancellationToken);
        return new(new { Projection = projection.Name, Version = version }, $"{projection.Name}: version {version} is live again.");
    }
}
