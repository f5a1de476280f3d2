namespace Enrichment.Storage;

/// <summary>An attempt that is about to leave the process.</summary>
/// <param name="Item">The item.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Attempt">The attempt's number, one more than the state's.</param>
internal readonly record struct AttemptStart(int Item, short Generation, int Attempt)
{
    /// <summary>For an attempt that a delivery may answer: the SHA-256 of its token, 32 bytes. Null: none may.</summary>
    public byte[]? TokenHash { get; init; }

    /// <summary>The call that several attempts share; null if each is a call of its own.</summary>
    public Guid? Call { get; init; }
}

/// <summary>What becomes of one item's state, and of the attempt behind it.</summary>
internal readonly record struct StateChange
{
    /// <summary>The item.</summary>
    public required int Item { get; init; }

    /// <summary>The state's attempt number as claimed: the guard against a stale write.</summary>
    public required int ExpectedAttempt { get; init; }

    /// <summary>The number of the attempt that this outcome belongs to; equal to <see cref="ExpectedAttempt"/> if none was made.</summary>
    public required int Attempt { get; init; }

    /// <summary>The item's generation.</summary>
    public required short Generation { get; init; }

    /// <summary>The status to move to, legal from QUEUED.</summary>
    public required Status Status { get; init; }

    /// <summary>What the attempt ended with; null if no attempt was made (a false condition, poison).</summary>
    public StepOutcomeKind? Outcome { get; init; }

    /// <summary>The canonical JSON, for COMPLETED.</summary>
    public ReadOnlyMemory<byte> Result { get; init; }

    /// <summary>The tries used after this.</summary>
    public short Tries { get; init; }

    /// <summary>Why it waits, for PENDING and IN_PROGRESS.</summary>
    public WaitReason Waits { get; init; }

    /// <summary>
    /// How long from the store's now it waits, for PENDING; for IN_PROGRESS until the next poll, but never beyond the attempt's deadline.
    /// </summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// For IN_PROGRESS: the vendor's name for the call, see <see cref="StepOutcome.Reference"/>. Null leaves it as it is.
    /// </summary>
    public string? Reference { get; init; }

    /// <summary>The class of the fault, if there was one.</summary>
    public ErrorClass? ErrorClass { get; init; }

    /// <summary>The fault, or why skipped, for the operator.</summary>
    public string? Error { get; init; }

    /// <summary>What the attempt cost.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Whether the sequencer's answer is that the next stage begins.</summary>
    public bool Advances { get; init; }

    /// <summary>For COMPLETED by a stored answer for the item's entity: the request whose answer it copies.</summary>
    public EntityRequest? Source { get; init; }
}

/// <summary>A set of outcomes under one lease: results, states, next stages and attempts are written in one transaction.</summary>
/// <param name="Lease">Checked by token and by the store's clock in the same statement.</param>
/// <param name="Owner">The host, for attempts that were not written beforehand.</param>
/// <param name="AttemptsAreOpen">
/// True if the attempts were written by <see cref="IOutcomeStore.BeginAttemptsAsync"/>: they are closed even if the lease is lost.
/// </param>
/// <param name="Items">The outcomes; each item at most once.</param>
internal sealed record CommitRequest(Lease Lease, string Owner, bool AttemptsAreOpen, IReadOnlyList<StateChange> Items)
{
    /// <summary>
    /// Whether the items are entity requests, whose waiters are completed when they end: see <see cref="Batch.IsRequestBatch"/>.
    /// </summary>
    public bool IsRequestBatch { get; init; }
}
