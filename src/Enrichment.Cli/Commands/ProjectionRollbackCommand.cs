using System.CommandLine;
using Enrichment.Consolidation.Changes;

namespace Enrichment.Cli.Commands;

/// <summary>Makes the version live again that was live before.</summary>
internal sealed class ProjectionRollbackCommand : CliCommand
{
    private readonly Argument<string?> name = ProjectionArgument.OfStored();

    public ProjectionRollbackCommand()
        : base(
            "rollback",
            "Lets readers see the version again that was live before, while its table is kept. Hosts do not apply the replaced definition again by themselves.",
            "enrich projection rollback final_leads")
    {
        Arguments.Add(name);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken);
        var projection = await ProjectionArgument.FindAsync(session, parsed.GetRequiredValue(name)!, cancellationToken);
        var version = await new VersionOperations(session.Engine.Store, projection).RollBackAsync(cancellationToken);
        return new(new { Projection = projection.Name, Version = version }, $"{projection.Name}: version {version} is live again.");
    }
}
