namespace Enrichment.Storage;

/// <summary>A batch in which something may be due.</summary>
/// <param name="Batch">Its inner key.</param>
/// <param name="Client">Whose it is, by the client's inner key.</param>
/// <param name="Priority">Its weight against the client's other batches, from 1 to 100.</param>
internal readonly record struct DueBatch(int Batch, int Client, short Priority);

/// <summary>The result of a host's search for work.</summary>
/// <param name="Batches">The batches that may have due work, in no order.</param>
/// <param name="UsedUp">The accounts with vendors that are used up, of all clients.</param>
internal sealed record DueWork(IReadOnlyList<DueBatch> Batches, IReadOnlyList<UsedUpAccount> UsedUp);

/// <summary>A range in which something may be due.</summary>
/// <param name="Range">Which.</param>
/// <param name="Token">Its youngest token as read; the claim is a compare-and-set on it.</param>
internal readonly record struct Candidate(RangeKey Range, long Token);

/// <summary>Requests a lease in a range and the records of its due items.</summary>
internal sealed record ClaimRequest
{
    /// <summary>The range, as read.</summary>
    public required Candidate Candidate { get; init; }

    /// <summary>The host and process that claims.</summary>
    public required string Owner { get; init; }

    /// <summary>How long the lease holds without renewal.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>How many items at most.</summary>
    public required int Limit { get; init; }

    /// <summary>
    /// A bound on the bytes of the records read at once; the rest of the interval is read again later. At least one item is read.
    /// </summary>
    public required long ByteLimit { get; init; }

    /// <summary>The batch's upload, by its inner key.</summary>
    public required int Upload { get; init; }

    /// <summary>The earlier stages whose results the records need.</summary>
    public required IReadOnlyList<short> Sources { get; init; }
}

/// <summary>A due item inside a lease, with what its record is made of.</summary>
internal sealed class ClaimedItem
{
    /// <summary>The item's number: its row in the upload.</summary>
    public required int Item { get; init; }

    /// <summary>The item's generation.</summary>
    public required short Generation { get; init; }

    /// <summary>The number of the last attempt; the next is one higher.</summary>
    public required int Attempt { get; init; }

    /// <summary>The tries that this generation has used.</summary>
    public required short Tries { get; init; }

    /// <summary>The uploaded row, a UTF-8 JSON array by column position.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>The generation whose idempotency key the calls bear: the item's, or an earlier one whose key a retry has kept.</summary>
    public short KeyGeneration { get; init; }

    /// <summary>The requested results of earlier stages that exist, ascending by stage.</summary>
    public List<(short Stage, ReadOnlyMemory<byte> Result)> Results { get; } = [];
}

/// <summary>A lease that was won, and the due items read under it.</summary>
internal sealed record Claim(Lease Lease, IReadOnlyList<ClaimedItem> Items);

/// <summary>An open item of a lost lease.</summary>
/// <param name="Item">The item.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Attempt">The state's last attempt number.</param>
/// <param name="Tries">The tries that this generation has used.</param>
/// <param name="OpenAttempt">The number of the attempt that the lost host had begun and not closed; null if none.</param>
internal readonly record struct LostItem(int Item, short Generation, int Attempt, short Tries, int? OpenAttempt);
