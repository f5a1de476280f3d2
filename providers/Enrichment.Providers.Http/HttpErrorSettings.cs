namespace Enrichment.Providers.Http;

/// <summary>The meaning of a vendor's statuses, where it differs between vendors.</summary>
public sealed class HttpErrorSettings
{
    /// <summary>The vendor knows nothing of the item. Default: 204 and 404.</summary>
    public IReadOnlyList<int> NotFound { get; init; } = [204, 404];

    /// <summary>
    /// No work was done, and may be the next time. Default: 503, and 521, 523 and 525, with which Cloudflare says that it did not reach the
    /// vendor.
    /// </summary>
    /// <remarks>
    /// Any other status of 500 and above leaves open whether the work was done, and is an unknown outcome. A vendor that bills nothing for
    /// a 500 may have it here.
    /// </remarks>
    public IReadOnlyList<int> Retry { get; init; } = [503, 521, 523, 525];

    /// <summary>
    /// Whether the first 500 characters of an answer that is an error are kept with the reason, where operators read them. They may hold
    /// personal data. Default: false.
    /// </summary>
    /// <remarks>The values of the step's secrets are taken out of it.</remarks>
    public bool KeepText { get; init; }

    /// <summary>The account is used up. Default: 402.</summary>
    public IReadOnlyList<int> Quota { get; init; } = [402];
}
