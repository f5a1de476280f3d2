namespace Enrichment;

/// <summary>A vendor's delivery, as it was received.</summary>
/// <param name="Headers">By name, in any case; values of a repeated header are joined by commas.</param>
/// <param name="Body">The bytes of the body.</param>
/// <param name="ReceivedAt">When it came, by the host's clock.</param>
public sealed record CallbackDelivery(IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body, DateTimeOffset ReceivedAt);
