namespace Enrichment;

/// <summary>What a vendor is told of its delivery.</summary>
internal enum DeliveryAnswer
{
    /// <summary>It is stored, durably, whatever comes of it: do not deliver it again.</summary>
    Stored,

    /// <summary>It is not genuine, or nobody waits for it; which of the two is not told.</summary>
    Refused,

    /// <summary>It is larger than allowed.</summary>
    TooLarge,

    /// <summary>Its body did not arrive whole, or not in time: deliver it again.</summary>
    Incomplete,

    /// <summary>It could not be stored now: deliver it again, in some seconds.</summary>
    Busy,
}
