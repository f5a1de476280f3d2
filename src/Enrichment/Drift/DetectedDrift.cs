using System.Text.Json;

namespace Enrichment.Drift;

/// <summary>A change that a batch's answers show against earlier ones.</summary>
/// <param name="Kind">What changed.</param>
/// <param name="Path">Where.</param>
/// <param name="Detail">What tells two findings of one kind and place apart: the new kind of value, or <c>up</c> or <c>down</c>.</param>
/// <param name="Evidence">What was counted.</param>
/// <param name="Sample">A value; of a vanished place one that it had.</param>
internal sealed record DetectedDrift(DriftKind Kind, string Path, string Detail, DriftEvidence Evidence, string? Sample);

/// <summary>What was counted.</summary>
internal sealed record DriftEvidence
{
    /// <summary>How many of the earlier answers have it.</summary>
    public required int SeenBefore { get; init; }

    /// <summary>How many earlier answers were read.</summary>
    public required int Before { get; init; }

    /// <summary>How many of the batch's answers have it.</summary>
    public required int SeenNow { get; init; }

    /// <summary>How many answers of the batch were read.</summary>
    public required int Now { get; init; }

    /// <summary>The kind of value that the place has now; of a vanished one, had.</summary>
    public required JsonKind Kind { get; init; }

    /// <summary>The kind of value that it usually had.</summary>
    public JsonKind? KindBefore { get; init; }

    /// <summary>The place that vanished or appeared with it, and looks alike: one may be the new name of the other.</summary>
    public string? Counterpart { get; init; }

    /// <summary>The same evidence gives the same text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DriftJson.Default.DriftEvidence);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static DriftEvidence FromJson(string json) => JsonSerializer.Deserialize(json, DriftJson.Default.DriftEvidence)!;
}
