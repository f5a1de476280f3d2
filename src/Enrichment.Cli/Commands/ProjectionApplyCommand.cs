using System.CommandLine;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Changes;

namespace Enrichment.Cli.Commands;

/// <summary>Makes a changed definition live.</summary>
internal sealed class ProjectionApplyCommand : CliCommand
{
    private readonly Argument<string> name = ProjectionArgument.OfDefinition();
    private readonly Option<bool> hold = new("--hold")
    {
        Description = "Stop before readers see the new table. A later call without --hold goes on.",
    };

    private readonly Option<bool> yes = new("--yes")
    {
        Description = "Apply it also if columns are dropped or hold another type, or if a table has another name, another key, or rows of other workstreams.",
    };

    public ProjectionApplyCommand()
        : base(
            "apply",
            "Builds the table of a definition beside the live one, compares both, and lets readers see the new one. No vendor is called. The old table is kept for a rollback. A call that was interrupted goes on.",
            "enrich projection apply final_leads",
            "enrich projection apply final_leads.json --hold",
            "enrich projection apply final_leads --yes")
    {
        Arguments.Add(name);
        Options.Add(hold);
        Options.Add(yes);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var given = parsed.GetRequiredValue(name);
        var projection = ProjectionOption.Read(given, name.Name);
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken, projection);
        var plan = await new ChangePlanning(session.Engine.Store, projection).PlanAsync(0, cancellationToken);
        var status = new StatusLine(parsed);
        foreach (var warning in plan.Warnings)
        {
            status.Warn($"{projection.Name}: {warning}");
        }

        if (plan.Change?.Breaking.ToList() is { Count: > 0 } breaking && !parsed.GetValue(yes))
        {
            throw new EnrichmentException(
                $"{string.Join(' ', breaking.Select(part => part.Sentence))} Add --yes to apply the definition all the same; "
                + $"'enrich projection plan {Hints.Quoted(given)}' shows what changes.");
        }

        var operations = new VersionOperations(session.Engine.Store, projection);
        var diff = await status.DuringAsync(
            $"building {projection.Name}",
            null,
            () => operations.ApplyAsync(parsed.GetValue(hold), cancellationToken));
        var restored = string.Concat(operations.Restored.Select(view => $"The view '{view}' was missing and is there again.\n"));
        return new(
            new
            {
                Projection = projection.Name,
                Changes = plan.Change?.Parts.Select(part => part.Sentence) ?? [],
                Diff = diff,
                operations.Restored,
            },
            restored + (diff is null
                ? $"{projection.Name}: this definition is live. There was nothing to build."
                : $"{string.Concat(plan.Change?.Parts.Select(part => $"{part.Sentence}\n") ?? [])}{Text(projection, diff)}"));
    }

    private static string Text(Projection projection, ProjectionDiff diff)
    {
        var changed = diff is { Gained: { } gained, Lost: { } lost } && gained + lost > 0 ? $" {gained:n0} are new, {lost:n0} are gone." : "";
        List<string> lines =
        [
            diff.IsLive
                ? $"{projection.Name}: version {diff.To} is live instead of version {diff.From}."
                : $"{projection.Name}: version {diff.To} is built and waits. Version {diff.From} is live. The same command without --hold makes version {diff.To} live.",
            $"{Plural.Of(diff.RowsAfter, "row")}; before {diff.RowsBefore:n0}.{changed}",
            .. diff.ChildrenGained.Where(child => child.Value + diff.ChildrenLost[child.Key] > 0)
                .Select(child => $"  {child.Key}: {Plural.Of(child.Value, "row is", "rows are")} new, {diff.ChildrenLost[child.Key]:n0} gone."),
            .. diff.Columns.Select(column => $"  {column.Key}: {Plural.Of(column.Value, "cell differs", "cells differ")}."),
            .. diff.Examples.Select(ProjectionPlanCommand.Line),
        ];
        if (diff.CarriedBatches > 0)
        {
            lines.Add($"The rows of {Plural.Of(diff.CarriedBatches, "pruned batch", "pruned batches")} were copied; new columns are empty in them.");
        }

        return string.Join('\n', lines);
    }
}
