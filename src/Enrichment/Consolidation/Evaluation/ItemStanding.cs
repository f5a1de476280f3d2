using System.Text.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>The status of an item's pipeline, as columns of an export.</summary>
internal readonly record struct ItemStanding(Status Status, string? Error)
{
    /// <summary>The status as users read it.</summary>
    public string Word => JsonNamingPolicy.SnakeCaseLower.ConvertName(Status.ToString());

    /// <summary>
    /// Completed once the last stage let the item pass, whether it answered, had nothing to do, or is optional and failed; pending until
    /// the next stage begins; else what its latest state says.
    /// </summary>
    /// <param name="stage">The latest stage, from 1.</param>
    /// <param name="status">Its status.</param>
    /// <param name="error">Its last error.</param>
    /// <param name="optional">Of each stage of the batch whether it is optional.</param>
    public static ItemStanding Of(short stage, Status status, string? error, IReadOnlyList<bool> optional)
    {
        var passed = status is Status.Completed or Status.Skipped || (status == Status.Failed && optional[stage - 1]);
        return !passed ? new(status, error) : new(stage == optional.Count ? Status.Completed : Status.Pending, null);
    }
}
