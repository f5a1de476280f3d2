using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Changes;

namespace Enrichment.Cli.Commands;

/// <summary>What a changed definition would do.</summary>
internal sealed class ProjectionPlanCommand : CliCommand
{
    private readonly Argument<string> name = ProjectionArgument.OfDefinition();
    private readonly Option<int> items = new Option<int>("--items")
    {
        Description = "How many items are evaluated by both definitions, spread over the batches.",
        HelpName = "N",
        DefaultValueFactory = _ => ChangePlanning.UsualItems,
    }.AcceptOnlyFrom(0, 10_000);

    public ProjectionPlanCommand()
        : base(
            "plan",
            "Shows what applying a definition would do: how it differs from the live one, how many rows are filled anew, and cells of some items by both. Reads only; no vendor is called.",
            "enrich projection plan final_leads",
            "enrich projection plan final_leads.json --items 1000 --json")
    {
        Arguments.Add(name);
        Options.Add(items);
    }

    /// <summary>The plan in lines, without cells of items.</summary>
    /// <param name="projection">The definition.</param>
    /// <param name="given">How the command line names it.</param>
    /// <param name="plan">The plan.</param>
    public static string Summary(Projection projection, string given, ChangePlan plan)
    {
        if (plan.IsLive)
        {
            return $"{projection.Name}: this definition is live, as version {plan.Live}. There is nothing to apply.";
        }

        List<string> lines =
        [
            plan.Live is { } live
                ? $"{projection.Name}: version {live} is live, and this definition differs from it."
                : $"{projection.Name}: the store has no table of it yet.",
            .. (plan.Change?.Parts ?? []).Select(part => $"  {part.Sentence}"),
        ];
        if (plan.Change is { Parts.Count: 0 })
        {
            lines.Add("  No column changes: the table is made anew by a newer evaluator, or of equal values.");
        }

        lines.Add($"To fill: {Plural.Of(plan.Items, "row")} of {Plural.Of(plan.Batches, "batch", "batches")}. No vendor is called.");
        if (plan.CarriedBatches > 0)
        {
            lines.Add($"The rows of {Plural.Of(plan.CarriedBatches, "pruned batch", "pruned batches")} are copied; new columns are empty in them.");
        }

        if (plan.Building is { } building)
        {
            lines.Add(plan.IsBuilding
                ? $"Version {building} has this definition, and is being built beside: 'enrich projection apply {Hints.Quoted(given)}' goes on with it."
                : $"Version {building}, of another definition, is being built beside: applying this definition removes that version.");
        }

        lines.Add(plan.Obstacle ?? (plan.AppliesItself
            ? "Hosts with this definition apply it by themselves: columns are added or widened only."
            : $"Hosts do not apply it by themselves. 'enrich projection apply {Hints.Quoted(given)}' does."));
        return string.Join('\n', lines);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var given = parsed.GetRequiredValue(name);
        var projection = ProjectionOption.Read(given, name.Name);
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken, projection);
        var plan = await new ChangePlanning(session.Engine.Store, projection).PlanAsync(parsed.GetValue(items), cancellationToken);
        var status = new StatusLine(parsed);
        foreach (var warning in plan.Warnings)
        {
            status.Warn($"{projection.Name}: {warning}");
        }

        var preview = plan.Preview is { } looked ? $"\n\n{Preview(looked)}" : "";
        return new(Json(projection, plan), Summary(projection, given, plan) + preview);
    }

    private static string Preview(ChangePreview preview)
    {
        string[] leftOut = preview.KeysLeftOut == 0 ? [] : [$"{Plural.Of(preview.KeysLeftOut, "key is", "keys are")} not compared: too many items have it."];
        if (preview.Columns.Count + preview.Children.Count == 0 && preview.RowsBefore == preview.RowsAfter)
        {
            return string.Join('\n', leftOut.Prepend($"Of {Plural.Of(preview.Items, "item")} that were evaluated by both definitions, no cell changes."));
        }

        List<string> lines = [$"Of {Plural.Of(preview.Items, "item")} that were evaluated by both definitions:"];
        if (preview.RowsBefore != preview.RowsAfter)
        {
            lines.Add($"  They make {Plural.Of(preview.RowsAfter, "row")}, and made {preview.RowsBefore:n0}.");
        }

        lines.AddRange(preview.Children.Select(child =>
            $"  {child.Child}: {Plural.Of(child.Gained, "row is", "rows are")} new, {child.Lost:n0} gone"));
        lines.AddRange(preview.Columns.Select(column =>
            $"  {column.Column}: {Plural.Of(column.Changed, "cell changes", "cells change")}, {column.Filled:n0} filled, {column.Emptied:n0} emptied; {Plural.Of(column.IssuesAfter, "issue")}, before {column.IssuesBefore:n0}"));
        if (preview.Examples.Count > 0)
        {
            lines.Add("For example:");
        }

        lines.AddRange(preview.Examples.Select(Line));
        lines.AddRange(leftOut);
        return string.Join('\n', lines);
    }

    /// <summary>A cell that changes.</summary>
    public static string Line(ChangedCell cell) => $"  item {cell.Item} of {cell.Batch}, {cell.Column}: {Shown(cell.Before)} -> {Shown(cell.After)}";

    private static string Shown(string? value) => value is null ? "nothing" : Visible.Line(IssuesCommand.Beginning(value));

    private static object Json(Projection projection, ChangePlan plan) => new
    {
        Projection = projection.Name,
        plan.Live,
        plan.IsLive,
        plan.Building,
        plan.IsBuilding,
        Changes = (plan.Change?.Parts ?? []).Select(part => new
        {
            Kind = part.Kind.ToString().ToLowerInvariant(),
            part.Column,
            part.Sentence,
            part.IsCompatible,
        }),
        Compatible = plan.Change?.IsCompatible ?? true,
        plan.AppliesItself,
        plan.Obstacle,
        plan.Batches,
        plan.Items,
        plan.CarriedBatches,
        plan.Warnings,
        plan.Preview,
    };
}
