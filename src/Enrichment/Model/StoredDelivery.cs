using System.Text.Json.Serialization;
using Enrichment.Json;

namespace Enrichment;

/// <summary>What became of a delivery. The numbers are stored.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeliveryState>))]
public enum DeliveryState
{
    /// <summary>Stored; not interpreted yet.</summary>
    [JsonStringEnumMemberName("received")] Received = 0,

    /// <summary>Its answer changed its state.</summary>
    [JsonStringEnumMemberName("applied")] Applied = 1,

    /// <summary>It changed nothing; the reason is beside it.</summary>
    [JsonStringEnumMemberName("ignored")] Ignored = 2,

    /// <summary>It could not be interpreted; the reason is beside it.</summary>
    [JsonStringEnumMemberName("faulty")] Faulty = 3,

    /// <summary>
    /// One too many for its attempt, or far too late: the reason holds the hash and size of its body, which was not kept.
    /// </summary>
    [JsonStringEnumMemberName("not_kept")] NotKept = 4,
}

/// <summary>A delivery in the inbox.</summary>
/// <param name="Stage">The stage of the attempt that it answers, from 1.</param>
/// <param name="Item">The item of that attempt.</param>
/// <param name="Attempt">The number of that attempt.</param>
/// <param name="Message">Identifies a repeated delivery.</param>
/// <param name="State">Its result.</param>
/// <param name="Reason">Why it changed nothing or could not be interpreted.</param>
/// <param name="Times">How often it was delivered.</param>
/// <param name="ReceivedAt">When it was first received.</param>
/// <param name="Headers">Its headers as a JSON object.</param>
/// <param name="Body">Its body, byte for byte.</param>
public sealed record StoredDelivery(
    short Stage,
    int Item,
    int Attempt,
    string Message,
    DeliveryState State,
    string? Reason,
    int Times,
    DateTimeOffset ReceivedAt,
    [property: JsonConverter(typeof(RawJsonTextConverter))] string Headers,
    ReadOnlyMemory<byte> Body);
