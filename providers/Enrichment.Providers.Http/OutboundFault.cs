namespace Enrichment.Providers.Http;

/// <summary>Why a call outside has no answer that can be read.</summary>
public enum OutboundFault
{
    /// <summary>The address, the scheme or the redirect is not one that may be called. Will not pass by itself.</summary>
    Refused = 1,

    /// <summary>No connection came about: the name, the port or the certificate. Nothing was sent over it.</summary>
    Unreachable = 2,

    /// <summary>The deadline passed.</summary>
    TimedOut = 3,

    /// <summary>The connection ended before the answer did, or the answer was no HTTP.</summary>
    Broken = 4,

    /// <summary>The headers or the body are larger than the limit.</summary>
    TooLarge = 5,
}
