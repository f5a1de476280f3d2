using System.Text.Json.Serialization;
using Enrichment.Json;

namespace Enrichment;

/// <summary>The state of an item at a stage, QUEUED and the reason of waiting derived.</summary>
public sealed record ItemState
{
    /// <summary>The item.</summary>
    public required int Item { get; init; }

    /// <summary>The stage, from 1.</summary>
    public required short Stage { get; init; }

    /// <summary>The generation.</summary>
    public required short Generation { get; init; }

    /// <summary>Its status.</summary>
    public required Status Status { get; init; }

    /// <summary>The last attempt's number; 0 if none was made.</summary>
    public required int Attempt { get; init; }

    /// <summary>The tries used of this generation's budget.</summary>
    public required short Tries { get; init; }

    /// <summary>
    /// Why a non-terminal state waits: due, retry, rate_limit, vendor_credits, breaker, capable_host, paused; of one that was sent:
    /// callback, poll, entity.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>When something will act on a non-terminal state: its date, or the lease's end.</summary>
    public DateTimeOffset? ActsAt { get; init; }

    /// <summary>The class of the last fault.</summary>
    [JsonConverter(typeof(WordConverter))]
    public ErrorClass? ErrorClass { get; init; }

    /// <summary>The last fault, or why skipped.</summary>
    public string? Error { get; init; }

    /// <summary>When the state last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
