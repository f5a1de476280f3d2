using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>The option that says how much of its client's work a new batch gets.</summary>
internal static class PriorityOption
{
    public static Option<int> Create() => new Option<int>("--priority")
    {
        Description = "The batch's share of its client's time, from 1 to 100: with 20 it gets twice as much time as one with 10.",
        HelpName = "N",
        DefaultValueFactory = _ => new LaunchOptions().Priority,
    }.AcceptOnlyFrom(1, 100);
}
