namespace Enrichment;

/// <summary>What a vendor delivered, as it came.</summary>
/// <param name="Headers">By name, without regard to case; values of a repeated header joined by commas.</param>
/// <param name="Body">The bytes of the body.</param>
/// <param name="ReceivedAt">When it came, by the host's clock.</param>
public sealed record CallbackDelivery(IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body, DateTimeOffset ReceivedAt);
