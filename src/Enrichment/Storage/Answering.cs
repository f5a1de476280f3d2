using System.Security.Cryptography;

namespace Enrichment.Storage;

/// <summary>How calls that may be answered later are waited for.</summary>
/// <param name="Waits">For a delivery or for a poll.</param>
/// <param name="Deadline">How long from the store's now an answer may come.</param>
/// <param name="ActsAfter">How long from the store's now something acts first: the first poll, else the deadline.</param>
internal readonly record struct Sending(WaitReason Waits, TimeSpan Deadline, TimeSpan ActsAfter);

/// <summary>What becomes of states that are out with a vendor, of one range.</summary>
/// <param name="Range">Where.</param>
/// <param name="Items">
/// The outcomes, each item at most once, under the number of the attempt that they answer. COMPLETED is for any open state of the
/// generation that has reached that attempt: it was paid for. Anything else is for a state IN_PROGRESS with that attempt. The attempt is
/// closed in any case, unless it goes on waiting.
/// </param>
/// <param name="Messages">
/// The delivery behind each outcome, see <see cref="Delivery.Message"/>; null or, for all, empty where none came by delivery. It is marked
/// with what it did, in the same transaction.
/// </param>
internal sealed record SettleRequest(RangeKey Range, IReadOnlyList<StateChange> Items, IReadOnlyList<string?> Messages)
{
    /// <summary>
    /// Whether the items are entity requests, whose waiters are completed when they end: see <see cref="Batch.IsRequestBatch"/>.
    /// </summary>
    public bool IsRequestBatch { get; init; }

    /// <summary>Whether external workers do the step: the tasks of states that change go with them.</summary>
    public bool IsExternal { get; init; }

    /// <summary>How long ago the calls of items were sent, for telemetry; an item may be there more than once.</summary>
    internal IEnumerable<(int Item, TimeSpan? Since)> SinceSent { get; init; } = [];
}

/// <summary>A state IN_PROGRESS that has reached its date.</summary>
/// <param name="Item">The item.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Attempt">The attempt that is out.</param>
/// <param name="Tries">The tries that this generation has used before it.</param>
/// <param name="Reference">The vendor's name for the call; null if none was told.</param>
/// <param name="Overdue">Whether the deadline has passed; else it is time to poll.</param>
/// <param name="KeyGeneration">See <see cref="ClaimedItem.KeyGeneration"/>.</param>
internal readonly record struct DueTimer(
    int Item,
    short Generation,
    int Attempt,
    short Tries,
    string? Reference,
    bool Overdue,
    short KeyGeneration)
{
    /// <summary>How long ago the call was sent, by the store's clock; null if that is not on record.</summary>
    internal TimeSpan? SinceSent { get; init; }
}

/// <summary>An attempt by its key, as a callback token names it.</summary>
/// <param name="Range">The range of its state.</param>
/// <param name="Item">The item.</param>
/// <param name="Attempt">The attempt's number.</param>
internal readonly record struct AttemptKey(RangeKey Range, int Item, int Attempt);

/// <summary>A vendor's delivery, authenticated but not interpreted.</summary>
internal sealed record Delivery
{
    /// <summary>The attempt that its token names.</summary>
    public required AttemptKey Attempt { get; init; }

    /// <summary>The SHA-256 of the token, 32 bytes.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>
    /// What tells a repeated delivery: the vendor's id of it, else the SHA-256 of its body in hexadecimal. At most 200 characters.
    /// </summary>
    public required string Message { get; init; }

    /// <summary>Its headers as a JSON object, without those that hold a secret.</summary>
    public required string Headers { get; init; }

    /// <summary>Its body, byte for byte.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The text that is kept in place of its body.</summary>
    internal string Digest => $"not kept: SHA-256 {Convert.ToHexStringLower(SHA256.HashData(Body.Span))}, {Body.Length} bytes";
}

/// <summary>
/// How much of deliveries is kept for one attempt. Its token is no secret of the vendor's alone, and can be used for as long as the attempt
/// is there.
/// </summary>
internal static class DeliveryBounds
{
    /// <summary>How many with their bodies. The first is kept in any size.</summary>
    public const int MostBodies = 20;

    /// <summary>How many bytes of bodies and headers.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    /// <summary>How many by their digests; further ones are counted in one row more, under the message <c>+</c>.</summary>
    public const int MostRows = 100;

    /// <summary>How long after an attempt has ended a body is kept that comes for it.</summary>
    public static readonly TimeSpan BodiesFor = TimeSpan.FromDays(30);
}

/// <summary>A delivery to be interpreted, with what its attempt says.</summary>
/// <param name="Delivery">The delivery; its token's hash is empty.</param>
/// <param name="Generation">The generation of the attempt.</param>
/// <param name="Tries">The tries that the state's generation has used.</param>
/// <param name="Reference">The vendor's name for the call; null if none was told.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="KeyGeneration">See <see cref="ClaimedItem.KeyGeneration"/>.</param>
internal sealed record TakenDelivery(
    Delivery Delivery,
    short Generation,
    short Tries,
    string? Reference,
    DateTimeOffset ReceivedAt,
    short KeyGeneration)
{
    /// <summary>How long before it came the call was sent, by the store's clock.</summary>
    internal TimeSpan SinceSent { get; init; }
}
