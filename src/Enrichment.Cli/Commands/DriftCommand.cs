using System.CommandLine;
using System.Text.Json;
using Enrichment.Cli.Files;

namespace Enrichment.Cli.Commands;

/// <summary>The inbox of what changed in the answers of vendors.</summary>
internal sealed class DriftCommand : CliCommand
{
    private readonly Option<string?> projection = ProjectionOption.Create("A table whose definition may have to follow: each finding names its columns, and the change as JSON Patch.");
    private readonly Option<int?> accept = Decision("--accept", "Accepts a finding: the answers are right as they are now, and later ones are compared with these.");
    private readonly Option<int?> ignore = Decision("--ignore", "Ignores a finding: the same change is not reported again.");
    private readonly Option<int?> reopen = Decision("--reopen", "Takes the decision about a finding back.");
    private readonly Option<bool> all = new("--all") { Description = "Lists accepted and ignored findings too." };

    public DriftCommand()
        : base(
            "drift",
            "Lists what changed in the answers of steps from batch to batch: places that are new or gone, other kinds of values, values missing more or less often. Each batch that ends is compared with the client's batches launched before it.",
            "enrich projection drift",
            "enrich projection drift --projection final_leads --json",
            "enrich projection drift --accept 3")
    {
        Options.Add(projection);
        Options.Add(accept);
        Options.Add(ignore);
        Options.Add(reopen);
        Options.Add(all);
        LimitOption.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var table = ProjectionOption.Read(parsed, projection);
        (int Number, DriftStatus Status)[] decisions =
        [
            .. Decided(parsed, accept, DriftStatus.Accepted),
            .. Decided(parsed, ignore, DriftStatus.Ignored),
            .. Decided(parsed, reopen, DriftStatus.Open),
        ];
        if (decisions.Length > 1)
        {
            throw new EnrichmentException("Decide about one finding at a time: give one of --accept, --ignore and --reopen.");
        }

        await using var session = await Session.OpenAsync(parsed, cancellationToken, table);
        if (decisions is [var (decided, status)])
        {
            await session.Client.SetDriftStatusAsync(decided, status, cancellationToken);
            return new(new { Number = decided, Status = status }, $"Finding {decided} is {Word(status)}.");
        }

        var compared = await session.Engine.Store.CountComparedAsync(session.Client.Slug, cancellationToken);
        var list = new Listing(parsed, "findings", ">number", "status", "step", "finding", "sample")
        {
            About = new { Compared = compared },
            Nothing = compared == 0
                ? "Nothing was compared yet: that needs two ended batches with answers of one version of a step that calls a vendor."
                : $"No answers have changed. Those of {Plural.Of(compared, "step")} were compared.",
        };
        foreach (var finding in await session.Client.ListDriftAsync(parsed.GetValue(all) ? null : DriftStatus.Open, cancellationToken))
        {
            await list.AddAsync(
                new
                {
                    finding.Number,
                    finding.Status,
                    finding.Step,
                    finding.Version,
                    finding.Kind,
                    finding.Path,
                    finding.Sentence,
                    finding.Sample,
                    finding.FirstBatch,
                    finding.LastBatch,
                    Patches = finding.Patches.ToDictionary(
                        patch => patch.Key,
                        patch => JsonSerializer.Deserialize<JsonElement>(patch.Value)),
                },
                $"{finding.Number}",
                Word(finding.Status),
                $"{finding.Step} {finding.Version}",
                string.Join(' ', finding.Patches.Select(patch => $"Patch: {patch.Value}").Prepend(finding.Sentence)),
                Visible.Line(IssuesCommand.Beginning(finding.Sample ?? "")));
        }

        return await list.EndAsync();
    }

    private static IEnumerable<(int Number, DriftStatus Status)> Decided(ParseResult parsed, Option<int?> option, DriftStatus status) =>
        parsed.GetValue(option) is { } number ? [(number, status)] : [];

    private static string Word(DriftStatus status) => status switch
    {
        DriftStatus.Accepted => "accepted",
        DriftStatus.Ignored => "ignored",
        _ => "open",
    };

    private static Option<int?> Decision(string name, string description) => new(name) { Description = description, HelpName = "NUMBER" };
}
