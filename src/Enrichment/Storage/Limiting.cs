using System.Security.Cryptography;
using System.Text;

namespace Enrichment.Storage;

/// <summary>A limit by its key.</summary>
/// <param name="Bucket">Of the hash of its name.</param>
/// <param name="Name">Whose it is and what it is called: <c>acme/clay</c>, or <c>*/clay</c> for one that all clients share.</param>
internal readonly record struct LimitKey(short Bucket, string Name)
{
    /// <summary>The key of a limit.</summary>
    /// <param name="client">The client whose it is; null if all share it.</param>
    /// <param name="limit">What it is called.</param>
    public static LimitKey Of(string? client, string limit) => Of($"{client ?? "*"}/{limit}");

    /// <summary>The key of a limit by its whole name.</summary>
    public static LimitKey Of(string name) =>
        new((short)(SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] % Enrichment.Bucket.Count), name);
}

/// <summary>A request for a permit block: the right to so many calls, evenly over a short time to come.</summary>
internal sealed record PermitBlockRequest
{
    /// <summary>Of which limit.</summary>
    public required LimitKey Limit { get; init; }

    /// <summary>For which client; clients that share a limit are given of it alike.</summary>
    public required string Client { get; init; }

    /// <summary>The host or external worker that requests it.</summary>
    public required string Owner { get; init; }

    /// <summary>How many calls at most.</summary>
    public required int Calls { get; init; }

    /// <summary>From one call to the next; zero if the limit has no rate.</summary>
    public required TimeSpan Gap { get; init; }

    /// <summary>How many calls may be in flight on all hosts together; 0 for any number.</summary>
    public int Concurrency { get; init; }

    /// <summary>How far ahead of its beginning a block is given to a client that has had no more than the others.</summary>
    public required TimeSpan Ahead { get; init; }

    /// <summary>How far ahead it is given to one that has had more: the others come first, and nothing is left unused for it.</summary>
    public required TimeSpan Lead { get; init; }

    /// <summary>
    /// What of a block that is longer than it is given ahead counts as had already, or clients with longer calls would come to more.
    /// </summary>
    public int Surplus => Gap > TimeSpan.Zero ? (int)Math.Max(0, (Calls - (Ahead / Gap)) / 2) : 0;

    /// <summary>How long a client's past permits count.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>How long its calls count as in flight without renewal.</summary>
    public required TimeSpan Lease { get; init; }
}

/// <summary>A block that was given, or when to request one again.</summary>
/// <param name="Block">Its number within the limit; 0 if none was given.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="StartsIn">When the first may leave, from the store's now.</param>
/// <param name="Wait">If none was given: after how long one may be requested again.</param>
/// <param name="IsTrial">Whether its one call is to tell whether a failing vendor answers again.</param>
internal readonly record struct LeasedPermits(long Block, int Calls, TimeSpan StartsIn, TimeSpan Wait, bool IsTrial = false);

/// <summary>A block that a host holds.</summary>
internal readonly record struct HeldBlock(LimitKey Limit, long Block);

/// <summary>The end of a block.</summary>
/// <param name="Block">Which.</param>
/// <param name="Unused">How many of its last calls were not made; other hosts get them if no later block was given.</param>
/// <param name="Answered">Whether the vendor answered any of its calls.</param>
/// <param name="Failed">Whether it failed one.</param>
internal sealed record BlockEnd(HeldBlock Block, int Unused, bool Answered, bool Failed)
{
    /// <summary>
    /// How long a vendor that fails is left alone first. Doubled each time that the one call let through afterwards fails too, up to 15
    /// minutes.
    /// </summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);

    /// <summary>The pause that is doubled.</summary>
    public TimeSpan Pause { get; init; } = FirstPause;

    /// <summary>
    /// How many of its calls the vendor failed one after the other, since it answered one or since the block began. Those of all hosts are
    /// counted together.
    /// </summary>
    public int Failures { get; init; }

    /// <summary>
    /// How many there may be. Then the vendor is left alone for <see cref="Pause"/>, as by <see cref="IRateLimitStore.PauseLimitAsync"/>.
    /// </summary>
    public int BreakAfter { get; init; } = int.MaxValue;

    /// <summary>
    /// Whether its call is to tell whether a failing vendor answers again, and a worker makes it: it ends again with the worker's report.
    /// </summary>
    public bool IsOut { get; init; }
}
