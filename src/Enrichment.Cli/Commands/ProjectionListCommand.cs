using System.CommandLine;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Cli.Commands;

/// <summary>Which typed tables the store has, and their versions.</summary>
internal sealed class ProjectionListCommand : CliCommand
{
    private readonly Argument<string?> name = ProjectionArgument.OfStored(" Without it: all projections of the store.");

    public ProjectionListCommand()
        : base(
            "list",
            "Lists the projections of the store, or the versions of one: which is live, which is being built, and which are kept for a rollback.",
            "enrich projection list",
            "enrich projection list final_leads")
    {
        name.Arity = ArgumentArity.ZeroOrOne;
        Arguments.Add(name);
        LimitOption.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken);
        if (parsed.GetValue(name) is not { } given)
        {
            return await ListAsync(session, parsed, cancellationToken);
        }

        var projection = await ProjectionArgument.FindAsync(session, given, cancellationToken);
        return await ListVersionsAsync(session, projection, parsed, cancellationToken);
    }

    private static async Task<Answer> ListAsync(Session session, ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new Listing(parsed, "projections", "name", "table", ">version", "live since", "building")
        {
            Nothing = "The store has no projection yet. 'enrich consolidate' and 'enrich run' make them.",
        };
        foreach (var projection in await RegisteredProjection.ListAsync(session.Engine.Store, cancellationToken))
        {
            await list.AddAsync(
                new { projection.Name, projection.Table, projection.Live, projection.Since, projection.Building },
                projection.Name,
                projection.Table,
                $"{projection.Live}",
                Time(projection.Since),
                $"{projection.Building}");
        }

        return await list.EndAsync();
    }

    private static async Task<Answer> ListVersionsAsync(
        Session session, Projection projection, ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new Listing(parsed, "versions", ">version", "status", "since", "columns")
        {
            About = new { Projection = projection.Name, projection.Table },
            Nothing = $"The projection '{projection.Name}' has no version.",
        };
        var versions = await new VersionOperations(session.Engine.Store, projection).ListAsync(cancellationToken);
        foreach (var version in versions.Reverse())
        {
            var columns = Columns(version);
            await list.AddAsync(
                new { version.Version, Status = Word(version), version.Since, Columns = columns, version.Definition },
                $"{version.Version}",
                Word(version),
                Time(version.Since),
                Listing.First(columns));
        }

        var answer = await list.EndAsync();
        if (versions.FirstOrDefault(version => version.IsHeld) is { } held)
        {
            new StatusLine(parsed).Say($"Version {held.Version} waits for an operator: 'enrich projection apply {projection.Name}' with its definition goes on, and lets readers see it.");
        }

        return answer;
    }

    private static string Word(ProjectionVersion version) => version.IsHeld ? "held" : version.Status;

    // A text of long ago need not be one that this library reads.
    private static IReadOnlyList<string> Columns(ProjectionVersion version)
    {
        try
        {
            return Projection.Parse(version.Definition).ColumnNames;
        }
        catch (EnrichmentException)
        {
            return [];
        }
    }

    private static string Time(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z";
}
