using System.Text.Json.Serialization;

namespace Enrichment;

/// <summary>What changed in the answers of a step, or in what a table is made of.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DriftKind>))]
public enum DriftKind
{
    /// <summary>The answers have a place that they did not have before.</summary>
    [JsonStringEnumMemberName("new_path")] NewPath = 1,

    /// <summary>A place that many answers had is in none.</summary>
    [JsonStringEnumMemberName("vanished_path")] VanishedPath = 2,

    /// <summary>A place has a value of a kind of JSON that it never had, such as a text where a number was.</summary>
    [JsonStringEnumMemberName("new_kind")] NewKind = 3,

    /// <summary>A place has a value in clearly more or fewer of the answers.</summary>
    [JsonStringEnumMemberName("fill_rate")] FillRate = 4,

    /// <summary>Many items have a value for a column that no bucket has.</summary>
    [JsonStringEnumMemberName("unknown_bucket")] UnknownBucket = 5,
}
