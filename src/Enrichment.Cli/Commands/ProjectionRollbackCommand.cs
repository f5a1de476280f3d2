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
        var done = await new VersionOperations(session.Engine.Store, projection).RollBackAsync(parsed.GetValue(to), cancellationToken);
        List<string> lines = [$"{projection.Name}: version {done.To} is live again."];
        if (done.CarriedBatches > 0)
        {
            var empty = done.EmptyColumns.Count == 0 ? "" : $" {string.Join(", ", done.EmptyColumns)}: nothing there, because version {done.From} does not have {(done.EmptyColumns.Count == 1 ? "this column" : "these columns")}.";
            lines.Add($"The rows of {Plural.Of(done.CarriedBatches, "batch that was pruned since are", "batches that were pruned since are")} those of version {done.From}.{empty}");
        }

        if (done.OutdatedBatches > 0)
        {
            lines.Add($"The rows of {Plural.Of(done.OutdatedBatches, "batch that was retried and pruned since are", "batches that were retried and pruned since are")} as version {done.To} read them before.");
        }

        if (done.MissingFunctions.Count > 0)
        {
            lines.Add($"It has columns that code computes ({string.Join(", ", done.MissingFunctions)}). A host without these functions leaves new batches out: let a host with them work, or apply a definition whose functions your hosts have.");
        }

        return new(
            new
            {
                Projection = projection.Name,
                Version = done.To,
                done.From,
                done.CarriedBatches,
                done.EmptyColumns,
                done.OutdatedBatches,
                done.MissingFunctions,
            },
            string.Join('\n', lines));
    }
}
