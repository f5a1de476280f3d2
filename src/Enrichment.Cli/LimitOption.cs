using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>How many entries a list shows.</summary>
internal static class LimitOption
{
    private const int ForPeople = 100;
    private static readonly Option<int?> Limit = new Option<int?>("--limit")
    {
        Description = $"List at most this many and count the others. Without it: {ForPeople}; with --json all.", HelpName = "N",
    }.AcceptOnlyFrom(0, int.MaxValue);

    public static void AddTo(Command command) => command.Options.Add(Limit);

    public static int Read(ParseResult parsed) =>
        parsed.GetValue(Limit) ?? (parsed.GetValue(CommonOptions.Json) ? int.MaxValue : ForPeople);
}
