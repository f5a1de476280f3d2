using System.CommandLine;
using Enrichment.Consolidation.Tables;

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
        var table = ProjectionOption.Read(parsed, projection);
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken, table);
        var findings = await session.Engine.ExamineAsync(cancellationToken);
        var others = (await RegisteredProjection.ListAsync(session.Engine.Store, cancellationToken))
            .Select(known => known.Name)
            .Where(name => name != table?.Name)
            .ToList();
        List<string> lines = findings.Count == 0
            ? ["Healthy: no invariant is violated."]
            : [.. findings.Select(finding => $"Invariant {finding.Invariant}, {finding.Check}: {finding.Detail}")];
        if (others.Count > 0)
        {
            lines.Add($"Not recomputed: the tables of {string.Join(", ", others)}. --projection with the definition of one recomputes its table.");
        }

        return new(
            new { Healthy = findings.Count == 0, Findings = findings, NotRecomputed = others },
            string.Join('\n', lines),
            findings.Count == 0 ? ExitCode.Ok : ExitCode.Findings);
    }
}
