namespace Enrichment;

/// <summary>The answer to a vendor's delivery.</summary>
internal enum DeliveryAnswer
{
    /// <summary>It is stored durably, whatever its result: the vendor need not deliver it again.</summary>
    Stored,

    /// <summary>It is not genuine, or nothing waits for it. The answer does not say which.</summary>
    Refused,

    /// <summary>It is larger than allowed.</summary>
    TooLarge,

    /// <summary>Its body did not arrive whole, or not in time: deliver it again.</summary>
    Incomplete,

    /// <summary>It could not be stored now: deliver it again, in some seconds.</summary>
    Busy,
}
