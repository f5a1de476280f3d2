using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>What concerns the definitions of typed tables.</summary>
internal sealed class ProjectionCommand : Command
{
    public ProjectionCommand()
        : base("projection", "The definitions of typed tables, and what changes around them.")
    {
        Subcommands.Add(new ProjectionListCommand());
        Subcommands.Add(new ProjectionPlanCommand());
        Subcommands.Add(new ProjectionApplyCommand());
        Subcommands.Add(new ProjectionRollbackCommand());
        Subcommands.Add(new ExplainCommand());
        Subcommands.Add(new DriftCommand());
    }
}
