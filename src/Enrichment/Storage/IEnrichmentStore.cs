using System.Data.Common;
using Enrichment.Execution;

namespace Enrichment.Storage;

/// <summary>The port to a store: set-based, and the only place where state changes. One operation is one transaction unless it says otherwise.</summary>
/// <remarks>
/// Time is the store's own clock. Every operation may be repeated after a lost connection: what was already done is recognised by token, attempt or key.
/// The conformance suite in tests/Enrichment.Conformance says exactly what is promised.
/// </remarks>
public partial interface IEnrichmentStore
{
    /// <summary>Brings the schema up to date. Several hosts may race; one migrates, the others wait.</summary>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Whether there is a schema to migrate or to use, of whatever version. Makes nothing.</summary>
    Task<bool> HasSchemaAsync(CancellationToken cancellationToken);

    /// <summary>Whether the schema is the one that this version needs. Changes nothing.</summary>
    /// <exception cref="EnrichmentException">It cannot be, and <see cref="MigrateAsync"/> would say the same: it was migrated by a newer version, or a migration's text has changed since it ran.</exception>
    Task<SchemaState> CheckSchemaAsync(CancellationToken cancellationToken);

    /// <summary>The SQL that <see cref="MigrateAsync"/> would run on an empty database, for those who apply it themselves.</summary>
    string MigrationScript();

    /// <summary>Waits until another worker may run, and holds that right until disposed. Stores for many workers grant it at once.</summary>
    /// <param name="waiting">Called once, with the reason, if another worker, of this process or another, has the right now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IAsyncDisposable> AcquireWorkerAsync(Action<string> waiting, CancellationToken cancellationToken);

    /// <summary>True if <see cref="AcquireWorkerAsync"/> lets one worker run at a time: every lease that a starting worker finds is lost.</summary>
    bool AdmitsOneWorker { get; }

    /// <summary>Begins an upload. The client is made if it is new.</summary>
    Task<Staging> BeginUploadAsync(NewUpload upload, CancellationToken cancellationToken);

    /// <summary>Adds rows to an unsealed upload.</summary>
    /// <exception cref="EnrichmentException">The upload was sealed, discarded or given up.</exception>
    Task StageAsync(Staging staging, IReadOnlyList<StagedRow> rows, IReadOnlyList<StagedReject> rejects, CancellationToken cancellationToken);

    /// <summary>Makes the upload visible, whole; or finds the same content already there and discards what was staged.</summary>
    Task<Upload> SealAsync(Staging staging, UploadSeal seal, CancellationToken cancellationToken);

    /// <summary>Removes an unsealed upload and its rows, bucket after bucket. What is cut off is done again by calling it again.</summary>
    Task DiscardAsync(Staging staging, CancellationToken cancellationToken);

    /// <summary>Uploads that were begun and not sealed, and to which nothing was added for so long, or that were given up and not removed. At most 1,000.</summary>
    Task<IReadOnlyList<Staging>> FindAbandonedUploadsAsync(TimeSpan idle, CancellationToken cancellationToken);

    /// <summary>Gives an upload up: it takes no more rows and cannot be sealed. Returns false, and changes nothing, if it is sealed or rows were added meanwhile.</summary>
    Task<bool> GiveUpAsync(Staging staging, TimeSpan idle, CancellationToken cancellationToken);

    /// <summary>A client's sealed upload; null if this client has none of that id.</summary>
    Task<Upload?> FindUploadAsync(string client, Guid id, CancellationToken cancellationToken);

    /// <summary>A client's sealed uploads, the youngest first.</summary>
    IAsyncEnumerable<Upload> ReadUploadsAsync(string client, CancellationToken cancellationToken);

    /// <summary>The slugs of all clients, in order.</summary>
    Task<IReadOnlyList<string>> ReadClientsAsync(CancellationToken cancellationToken);

    /// <summary>The accepted rows, ascending.</summary>
    IAsyncEnumerable<StagedRow> ReadRowsAsync(Upload upload, CancellationToken cancellationToken);

    /// <summary>The refused rows, ascending.</summary>
    IAsyncEnumerable<StagedReject> ReadRejectsAsync(Upload upload, CancellationToken cancellationToken);

    /// <summary>Makes a batch, its items, their first states and ranges, in one transaction.</summary>
    /// <param name="request">What to launch.</param>
    /// <param name="transaction">The host's own transaction to take part in; null for one of the store's.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is launched.</param>
    /// <exception cref="EnrichmentException">The key was used for another request, or no row is left to launch.</exception>
    Task<Batch> LaunchAsync(LaunchRequest request, DbTransaction? transaction, CancellationToken cancellationToken);

    /// <summary>A client's batch; null if this client has none of that id.</summary>
    Task<Batch?> FindBatchAsync(string client, Guid id, CancellationToken cancellationToken);

    /// <summary>A batch by its inner key; null if there is none.</summary>
    Task<Batch?> FindBatchAsync(int batch, CancellationToken cancellationToken);

    /// <summary>A batch by its inner key, which is known to be one.</summary>
    /// <exception cref="InvalidOperationException">There is no such batch.</exception>
    async Task<Batch> LoadBatchAsync(int batch, CancellationToken cancellationToken) => await FindBatchAsync(batch, cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"There is no batch with the inner key {batch}.");

    /// <summary>A client's batches, the youngest first.</summary>
    IAsyncEnumerable<Batch> ReadBatchesAsync(string client, CancellationToken cancellationToken);

    /// <summary>Holds or frees a batch; touches no state. Records the event. Returns false if the batch's status does not allow it.</summary>
    Task<bool> SetPausedAsync(int batch, bool paused, CancellationToken cancellationToken);

    /// <summary>Gives a batch another priority, from 1 to 100. Records the event. Returns false if the batch has ended.</summary>
    Task<bool> SetPriorityAsync(int batch, short priority, CancellationToken cancellationToken);

    /// <summary>Ends a batch: first its status, then its open states bucket by bucket; the sweep finishes what a crash leaves. Entity requests without waiters are withdrawn. Returns false if the batch has already ended.</summary>
    Task<bool> CancelAsync(int batch, CancellationToken cancellationToken);

    /// <summary>Cancels the open states of one bucket of a cancelled batch, and withdraws entity requests without waiters. Idempotent.</summary>
    Task<int> CancelBucketAsync(int batch, short bucket, CancellationToken cancellationToken);

    /// <summary>The buckets of cancelled batches that still hold open states.</summary>
    Task<IReadOnlyList<(int Batch, short Bucket)>> FindUncancelledAsync(CancellationToken cancellationToken);

    /// <summary>Begins a new generation, from a stage, of the given items of a batch whose pipelines have ended; others are left as they are, and so is a batch that is pruned or still being cancelled. Returns how many began.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="items">The items.</param>
    /// <param name="sameKey">Whether those that failed there as outcome_unknown keep the idempotency key of the generation that ends.</param>
    /// <param name="cancellationToken">Ends the call; nothing began.</param>
    Task<int> RetryAsync(int batch, short stage, IReadOnlyList<int> items, bool sameKey, CancellationToken cancellationToken);

    /// <summary>
    /// Ends items at a stage by an operator's word and reopens their batch: in a generation of their own, so that what they were stands in the history. Only items that stand
    /// there, pending under no lease or failed; others are left as they are, and so is a batch that is pruned or still being cancelled. Records the event. Returns how many ended.
    /// </summary>
    Task<int> ResolveAsync(ResolveRequest request, CancellationToken cancellationToken);

    /// <summary>The batches in which something may be due, between which a host shares its claim loops, and the accounts that are used up. Its cost grows with the open batches, not with their ranges or items.</summary>
    /// <param name="except">Stages of batches whose step this host does not have.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<DueWork> FindDueAsync(IReadOnlyCollection<(int Batch, short Stage)> except, CancellationToken cancellationToken);

    /// <summary>The ranges of a batch in which something may be due, the least recently leased first.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="except">Its stages whose step this host does not have.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Candidate>> FindCandidatesAsync(int batch, IReadOnlyCollection<short> except, int limit, CancellationToken cancellationToken);

    /// <summary>Takes a lease on the first free due interval of a range, or on one that lost its host, and reads its due items. Null if another host was faster or nothing is due.</summary>
    Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Reads the items of a lease that are due now: those left by the byte limit and those that arrived meanwhile.</summary>
    Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(ClaimRequest request, Lease lease, CancellationToken cancellationToken);

    /// <summary>Writes attempts before their calls leave. Returns the items that may go ahead: the lease holds, and the state is open and as claimed.</summary>
    Task<IReadOnlyList<int>> BeginAttemptsAsync(Lease lease, string owner, IReadOnlyList<AttemptStart> attempts, CancellationToken cancellationToken);

    /// <summary>Writes outcomes. Returns the items whose state changed; the others were lost to a younger lease, a cancellation, or an earlier commit of the same.</summary>
    Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken);

    /// <summary>Gives a lease back. Returns false, and keeps it, if items inside have come due.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="evenIfDue">True when the host drains: what is due is left to others. No loss is counted.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<bool> ReleaseAsync(Lease lease, bool evenIfDue, CancellationToken cancellationToken);

    /// <summary>Prolongs leases that nobody has taken over, even if their date has passed; returns them. Synchronous: it runs on a thread of its own, which a starved pool cannot delay.</summary>
    IReadOnlyList<Lease> Renew(string owner, IReadOnlyList<Lease> leases, TimeSpan duration);

    /// <summary>Ends transactions of hosts that stopped in the middle of them, so that their locks keep nobody from what was taken over. Returns how many.</summary>
    /// <param name="longer">How long ago such a transaction must have begun.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<int> EndStalledAsync(TimeSpan longer, CancellationToken cancellationToken) => Task.FromResult(0);

    /// <summary>Takes over leases whose time is over.</summary>
    /// <param name="owner">The new holder.</param>
    /// <param name="duration">How long it holds them.</param>
    /// <param name="all">True if the caller knows that no other worker lives: takes all, whatever their date.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Lease>> TakeLostAsync(string owner, TimeSpan duration, bool all, CancellationToken cancellationToken);

    /// <summary>The open items of a lease that was taken over, ascending.</summary>
    Task<IReadOnlyList<LostItem>> ReadLostAsync(Lease lease, CancellationToken cancellationToken);

    /// <summary>Replaces a taken-over lease by intervals without owner, which are the next to be claimed. No interval: the lease is gone.</summary>
    Task SplitAsync(Lease lease, IReadOnlyList<Lease> intervals, CancellationToken cancellationToken);

    /// <summary>Ranges with terminal states on which the sequencer has yet to act.</summary>
    Task<IReadOnlyList<RangeKey>> FindToAdvanceAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Advances the terminal states of a range that were not advanced. Idempotent, safe on many hosts.</summary>
    /// <param name="range">Where.</param>
    /// <param name="last">True if no stage follows.</param>
    /// <param name="optional">True if a failure lets the item pass.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<int> AdvanceAsync(RangeKey range, bool last, bool optional, CancellationToken cancellationToken);

    /// <summary>Repairs ranges that say nothing is due where something is, and drops lost intervals of which nothing is pending any more. Returns how many ranges were wrong.</summary>
    Task<int> RepairRangesAsync(CancellationToken cancellationToken);

    /// <summary>Ends batches whose items have all ended, and records each completion once. Returns the batches ended now.</summary>
    Task<IReadOnlyList<Batch>> CompleteBatchesAsync(CancellationToken cancellationToken);

    /// <summary>Whether any batch that is not paused has open items. Those that wait for an entity do not count: the request does.</summary>
    /// <param name="except">Stages of batches whose step this host does not have.</param>
    /// <param name="unable">Stages whose step it does not have and for which it makes requests: only what waits for a host with the step does not count there.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<bool> HasOpenWorkAsync(IReadOnlyCollection<(int Batch, short Stage)> except, IReadOnlyCollection<(int Batch, short Stage)> unable, CancellationToken cancellationToken);

    /// <summary>The open batches of which something waits for a host that has the step.</summary>
    Task<IReadOnlyList<int>> FindUnableAsync(CancellationToken cancellationToken);

    /// <summary>Batches that have ended and whose typed tables do not show their end yet.</summary>
    Task<IReadOnlyList<Batch>> FindUnconsolidatedAsync(CancellationToken cancellationToken);

    /// <summary>Notes that a batch's typed tables show it as it was read: if it has changed since, it stays to be done.</summary>
    Task MarkConsolidatedAsync(Batch batch, CancellationToken cancellationToken);

    /// <summary>Shows the steps that this host has to hosts that do not.</summary>
    Task RegisterManifestsAsync(IReadOnlyList<StepManifest> manifests, CancellationToken cancellationToken);

    /// <summary>The manifests that any host has shown.</summary>
    Task<IReadOnlyList<StepManifest>> ReadManifestsAsync(CancellationToken cancellationToken);

    /// <summary>The keys with which hosts sign the names that they give out, ascending. The migration makes the first.</summary>
    Task<IReadOnlyList<TokenKey>> ReadTokenKeysAsync(CancellationToken cancellationToken);

    /// <summary>A batch's counts, one for each stage reached, ascending.</summary>
    Task<IReadOnlyList<StageCounts>> ReadProgressAsync(int batch, CancellationToken cancellationToken);

    /// <summary>The states of a batch's items, ascending by item and stage.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="status">Only those of this status; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<ItemState> ReadStatesAsync(int batch, Status? status, CancellationToken cancellationToken);

    /// <summary>What happened to an item, in order of time.</summary>
    Task<IReadOnlyList<TimelineEntry>> ReadTimelineAsync(int batch, short bucket, int item, CancellationToken cancellationToken);

    /// <summary>The results that states refer to, ascending by item and stage.</summary>
    IAsyncEnumerable<StoredResult> ReadResultsAsync(int batch, CancellationToken cancellationToken);

    /// <summary>A batch's items with their rows and results, ascending by item.</summary>
    IAsyncEnumerable<ItemSnapshot> ReadItemsAsync(Batch batch, CancellationToken cancellationToken);

    /// <summary>What happened to a batch, in order of time.</summary>
    Task<IReadOnlyList<BatchEvent>> ReadEventsAsync(int batch, CancellationToken cancellationToken);

    /// <summary>Checks every invariant that rows can show. Reads everything: not for the hot path.</summary>
    Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken);
}
