using System.Text.Json.Serialization;

namespace Enrichment;

/// <summary>
/// One range: the items of a bucket in a batch at a stage. Stages count from 1. In JSON only the stage: the others are inner keys.
/// </summary>
internal readonly record struct RangeKey([property: JsonIgnore] short Bucket, [property: JsonIgnore] int Batch, short Stage);

/// <summary>
/// A right to work on the items <paramref name="Lo"/>..<paramref name="Hi"/> of a range until its time is over by the store's clock.
/// </summary>
/// <param name="Range">Where.</param>
/// <param name="Lo">The first item.</param>
/// <param name="Hi">The last item.</param>
/// <param name="Token">The fencing token: younger leases of the range have higher ones; a write with an old one changes nothing.</param>
/// <param name="Losses">How often this interval lost its host before.</param>
/// <param name="Alone">How often it did so with a single open item.</param>
internal readonly record struct Lease(RangeKey Range, int Lo, int Hi, long Token, short Losses = 0, short Alone = 0);
