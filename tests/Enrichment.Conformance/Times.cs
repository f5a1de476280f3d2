namespace Enrichment.Conformance;

/// <summary>The spans that cases move time by, so that each says which boundary it crosses.</summary>
internal static class Times
{
    /// <summary>How long cases lease.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>Past a lease that was not renewed.</summary>
    public static readonly TimeSpan PastTheLease = Lease + TimeSpan.FromSeconds(1);

    /// <summary>How long cases let a retry wait: longer than a lease.</summary>
    public static readonly TimeSpan Backoff = TimeSpan.FromMinutes(10);

    /// <summary>Well inside a lease.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>How long a call that was sent may be answered: longer than a backoff.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromHours(1);

    /// <summary>From one poll to the next.</summary>
    public static readonly TimeSpan Poll = TimeSpan.FromMinutes(1);

    /// <summary>How long a timer or delivery that one host took is kept from other hosts: shorter than it is to the next poll.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromSeconds(20);
}
