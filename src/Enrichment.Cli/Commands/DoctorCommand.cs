using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Checks the store's invariants.</summary>
internal sealed class DoctorCommand : CliCommand
{
    private readonly Option<string?> projection = ProjectionOption.Create("A table to recompute and compare as well, a JSON file.");

    public DoctorCommand()
        : base(
            "doctor",
            "Checks every invariant that the rows of the store can show, for all clients. Reads everything, changes nothing. Exit code 1 if something is found.",
            "enrich doctor",
            "enrich doctor --projection final_leads.json --json")
    {
        Options.Add(projection);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken, ProjectionOption.Read(parsed, projection));
        var findings = await session.Engine.ExamineAsync(cancellationToken);
        return new(
            new { Healthy = findings.Count == 0, Findings = findings },
            findings.Count == 0
                ? "Healthy: no invariant is violated."
                : string.Join('\n', findings.Select(finding => $"Invariant {finding.Invariant}, {finding.Check}: {finding.Detail}")),
            findings.Count == 0 ? ExitCode.Ok : ExitCode.Findings);
    }
}
