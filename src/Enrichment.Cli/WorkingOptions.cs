using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>How much a command that works does at once.</summary>
internal sealed class WorkingOptions
{
    private static readonly WorkerOptions Defaults = new();
    private readonly Option<int?> maxConcurrentClaims = new Option<int?>("--max-concurrent-claims")
    {
        Description = $"How many intervals are worked on side by side, from 1 to 64. Without it: {Defaults.MaxConcurrentClaims}.",
        HelpName = "N",
    }.AcceptOnlyFrom(1, 64);

    private readonly Option<int?> maxConcurrentCalls = new Option<int?>("--max-concurrent-calls")
    {
        Description =
            $"How many calls are in flight at once, from 1 to 10000; from 8 on, an eighth is kept for other clients. Without it: {Defaults.MaxConcurrentCalls}.",
        HelpName = "N",
    }.AcceptOnlyFrom(1, 10_000);

    private readonly Option<int?> lease = new Option<int?>("--lease")
    {
        Description =
            $"How long claimed work stays with a worker that does not answer, from 1 second to an hour. Without it: {Defaults.Lease.TotalSeconds}.",
        HelpName = "SECONDS",
    }.AcceptOnlyFrom(1, 3600);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[maxConcurrentClaims, maxConcurrentCalls, lease])
        {
            command.Options.Add(option);
        }
    }

    public WorkerOptions Read(ParseResult parsed) => Defaults with
    {
        MaxConcurrentClaims = parsed.GetValue(maxConcurrentClaims) ?? Defaults.MaxConcurrentClaims,
        MaxConcurrentCalls = parsed.GetValue(maxConcurrentCalls) ?? Defaults.MaxConcurrentCalls,
        Lease = parsed.GetValue(lease) is { } seconds ? TimeSpan.FromSeconds(seconds) : Defaults.Lease,
    };
}
