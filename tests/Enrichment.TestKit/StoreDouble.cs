using System.Data.Common;
using System.Runtime.CompilerServices;
using Enrichment.Hosting;
using Enrichment.Storage;

namespace Enrichment.TestKit;

/// <summary>A store for a whole run, of which a test overrides what it is about. All else is the real store's.</summary>
internal abstract partial class StoreDouble(IEnrichmentStore real) : IEnrichmentStore
{
    // IUploadStore
    public virtual Task<Staging> BeginUploadAsync(NewUpload upload, CancellationToken cancellationToken) =>
        Real().BeginUploadAsync(upload, cancellationToken);

    public virtual Task StageAsync(
        Staging staging, IReadOnlyList<StagedRow> rows, IReadOnlyList<StagedReject> rejects, CancellationToken cancellationToken) =>
        Real().StageAsync(staging, rows, rejects, cancellationToken);

    public virtual Task<Upload> SealAsync(Staging staging, UploadSeal seal, CancellationToken cancellationToken) =>
        Real().SealAsync(staging, seal, cancellationToken);

    public virtual Task DiscardAsync(Staging staging, CancellationToken cancellationToken) =>
        Real().DiscardAsync(staging, cancellationToken);

    public virtual Task<IReadOnlyList<Staging>> FindAbandonedUploadsAsync(TimeSpan idle, CancellationToken cancellationToken) =>
        Real().FindAbandonedUploadsAsync(idle, cancellationToken);

    public virtual Task<bool> GiveUpAsync(Staging staging, TimeSpan idle, CancellationToken cancellationToken) =>
        Real().GiveUpAsync(staging, idle, cancellationToken);

    public virtual Task<Upload?> FindUploadAsync(string client, Guid id, CancellationToken cancellationToken) =>
        Real().FindUploadAsync(client, id, cancellationToken);

    public virtual IAsyncEnumerable<Upload> ReadUploadsAsync(
        string client,
        UploadFilter filter,
        int below,
        CancellationToken cancellationToken) =>
        Real().ReadUploadsAsync(client, filter, below, cancellationToken);

    public virtual Task<bool> WithdrawUploadAsync(Upload upload, CancellationToken cancellationToken) =>
        Real().WithdrawUploadAsync(upload, cancellationToken);

    public virtual IAsyncEnumerable<StagedRow> ReadRowsAsync(Upload upload, int after, CancellationToken cancellationToken) =>
        Real().ReadRowsAsync(upload, after, cancellationToken);

    public virtual IAsyncEnumerable<StagedReject> ReadRejectsAsync(Upload upload, int after, CancellationToken cancellationToken) =>
        Real().ReadRejectsAsync(upload, after, cancellationToken);

    // IMappingStore
    public virtual Task<int> AddMappingAsync(string client, ColumnMapping mapping, CancellationToken cancellationToken) =>
        Real().AddMappingAsync(client, mapping, cancellationToken);

    public virtual Task<IReadOnlyList<ColumnMapping>> ReadMappingsAsync(string client, CancellationToken cancellationToken) =>
        Real().ReadMappingsAsync(client, cancellationToken);

    // IBatchStore
    public virtual Task<IReadOnlyList<Batch>> LaunchAsync(
        IReadOnlyList<LaunchRequest> requests,
        DbTransaction? transaction,
        CancellationToken cancellationToken) => Real().LaunchAsync(requests, transaction, cancellationToken);

    public virtual Task<Batch?> FindBatchAsync(string client, Guid id, CancellationToken cancellationToken) =>
        Real().FindBatchAsync(client, id, cancellationToken);

    public virtual Task<Batch?> FindBatchAsync(int batch, CancellationToken cancellationToken) =>
        Real().FindBatchAsync(batch, cancellationToken);

    public virtual IAsyncEnumerable<Batch> ReadBatchesAsync(string client, BatchFilter filter, CancellationToken cancellationToken) =>
        Real().ReadBatchesAsync(client, filter, cancellationToken);

    public virtual Task<bool> SetPausedAsync(int batch, bool paused, CancellationToken cancellationToken) =>
        Real().SetPausedAsync(batch, paused, cancellationToken);

    public virtual Task<bool> SetPriorityAsync(int batch, short priority, CancellationToken cancellationToken) =>
        Real().SetPriorityAsync(batch, priority, cancellationToken);

    public virtual Task<IReadOnlyList<MovedItems>?> CancelAsync(int batch, CancellationToken cancellationToken) =>
        Real().CancelAsync(batch, cancellationToken);

    public virtual Task<IReadOnlyList<MovedItems>> CancelBucketAsync(int batch, short bucket, CancellationToken cancellationToken) =>
        Real().CancelBucketAsync(batch, bucket, cancellationToken);

    public virtual Task<IReadOnlyList<(int Batch, short Bucket)>> FindUncancelledAsync(CancellationToken cancellationToken) =>
        Real().FindUncancelledAsync(cancellationToken);

    public virtual Task<int> RetryAsync(
        int batch, short stage, IReadOnlyList<int> items, bool sameKey, CancellationToken cancellationToken) =>
        Real().RetryAsync(batch, stage, items, sameKey, cancellationToken);

    public virtual Task<int> ResolveAsync(ResolveRequest request, CancellationToken cancellationToken) =>
        Real().ResolveAsync(request, cancellationToken);

    // IDueWorkStore
    public virtual Task<DueWork> FindDueAsync(IReadOnlyCollection<(int Batch, short Stage)> except, CancellationToken cancellationToken) =>
        Real().FindDueAsync(except, cancellationToken);

    public virtual Task<IReadOnlyList<Candidate>> FindCandidatesAsync(
        int batch, IReadOnlyCollection<short> except, int limit, CancellationToken cancellationToken) =>
        Real().FindCandidatesAsync(batch, except, limit, cancellationToken);

    public virtual Task<bool> HasOpenWorkAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except, IReadOnlyCollection<(int Batch, short Stage)> unable,
        CancellationToken cancellationToken) => Real().HasOpenWorkAsync(except, unable, cancellationToken);

    public virtual Task<IReadOnlyList<int>> FindUnableAsync(CancellationToken cancellationToken) =>
        Real().FindUnableAsync(cancellationToken);

    public virtual Task<Backlog> ReadBacklogAsync(CancellationToken cancellationToken) => Real().ReadBacklogAsync(cancellationToken);

    // ILeaseStore
    public virtual Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        Real().ClaimAsync(request, cancellationToken);

    public virtual Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(
        ClaimRequest request, Lease lease, CancellationToken cancellationToken) =>
        Real().ReadAgainAsync(request, lease, cancellationToken);

    public virtual Task<bool> ReleaseAsync(Lease lease, bool evenIfDue, CancellationToken cancellationToken) =>
        Real().ReleaseAsync(lease, evenIfDue, cancellationToken);

    public virtual IReadOnlyList<Lease> Renew(string owner, IReadOnlyList<Lease> leases, TimeSpan duration) =>
        Real().Renew(owner, leases, duration);

    public virtual Task<IReadOnlyList<Lease>> TakeLostAsync(
        string owner, TimeSpan duration, bool all, CancellationToken cancellationToken) =>
        Real().TakeLostAsync(owner, duration, all, cancellationToken);

    public virtual Task<IReadOnlyList<LostItem>> ReadLostAsync(Lease lease, CancellationToken cancellationToken) =>
        Real().ReadLostAsync(lease, cancellationToken);

    public virtual Task SplitAsync(Lease lease, IReadOnlyList<Lease> intervals, CancellationToken cancellationToken) =>
        Real().SplitAsync(lease, intervals, cancellationToken);

    public virtual Task<int> EndStalledAsync(TimeSpan longer, CancellationToken cancellationToken) =>
        Real().EndStalledAsync(longer, cancellationToken);

    // IOutcomeStore
    public virtual Task<IReadOnlyList<int>> BeginAttemptsAsync(
        Lease lease, string owner, IReadOnlyList<AttemptStart> attempts, CancellationToken cancellationToken) =>
        Real().BeginAttemptsAsync(lease, owner, attempts, cancellationToken);

    public virtual Task<IReadOnlyList<int>> BeginSendingAsync(
        Lease lease, string owner, IReadOnlyList<AttemptStart> attempts, Sending sending, CancellationToken cancellationToken) =>
        Real().BeginSendingAsync(lease, owner, attempts, sending, cancellationToken);

    public virtual Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken) =>
        Real().CommitAsync(request, cancellationToken);

    public virtual Task<IReadOnlyList<int>> SettleAsync(SettleRequest request, CancellationToken cancellationToken) =>
        Real().SettleAsync(request, cancellationToken);

    public virtual Task<IReadOnlyList<MovedItems>> CompleteWaitersAsync(
        RangeKey requests, IReadOnlyList<int>? items, CancellationToken cancellationToken) =>
        Real().CompleteWaitersAsync(requests, items, cancellationToken);

    // ISequencerStore
    public virtual Task<IReadOnlyList<RangeKey>> FindToAdvanceAsync(int limit, CancellationToken cancellationToken) =>
        Real().FindToAdvanceAsync(limit, cancellationToken);

    public virtual Task<int> AdvanceAsync(RangeKey range, bool last, bool optional, CancellationToken cancellationToken) =>
        Real().AdvanceAsync(range, last, optional, cancellationToken);

    public virtual Task<int> RepairRangesAsync(CancellationToken cancellationToken) => Real().RepairRangesAsync(cancellationToken);

    public virtual Task<IReadOnlyList<Batch>> CompleteBatchesAsync(CancellationToken cancellationToken) =>
        Real().CompleteBatchesAsync(cancellationToken);

    // ITimerStore
    public virtual Task<IReadOnlyList<RangeKey>> FindDueTimersAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except, int limit, CancellationToken cancellationToken) =>
        Real().FindDueTimersAsync(except, limit, cancellationToken);

    public virtual Task<IReadOnlyList<DueTimer>> TakeDueTimersAsync(
        RangeKey range, int limit, TimeSpan hold, CancellationToken cancellationToken) =>
        Real().TakeDueTimersAsync(range, limit, hold, cancellationToken);

    // IExternalTaskStore
    public virtual Task<IReadOnlyList<int>> HandOutAsync(HandOutRequest request, CancellationToken cancellationToken) =>
        Real().HandOutAsync(request, cancellationToken);

    public virtual Task<TaskDemand> ReadDemandAsync(
        (int Batch, short Stage) stage, string step, string version, string client, int most, TimeSpan window,
        CancellationToken cancellationToken) => Real().ReadDemandAsync(stage, step, version, client, most, window, cancellationToken);

    public virtual Task<IReadOnlyList<FetchedTask>> FetchTasksAsync(TaskFetch request, CancellationToken cancellationToken) =>
        Real().FetchTasksAsync(request, cancellationToken);

    public virtual Task<IReadOnlyList<bool>> ReportTasksAsync(
        string identity, IReadOnlyList<(string Task, string Body)> reports, CancellationToken cancellationToken) =>
        Real().ReportTasksAsync(identity, reports, cancellationToken);

    public virtual Task<IReadOnlyList<bool>> ExtendTasksAsync(
        string identity, IReadOnlyList<string> tasks, TimeSpan hold, CancellationToken cancellationToken) =>
        Real().ExtendTasksAsync(identity, tasks, hold, cancellationToken);

    public virtual Task<IReadOnlyList<RangeKey>> FindDueTasksAsync(int limit, CancellationToken cancellationToken) =>
        Real().FindDueTasksAsync(limit, cancellationToken);

    public virtual Task<IReadOnlyList<DueTask>> TakeDueTasksAsync(
        RangeKey range, int limit, TimeSpan hold, TimeSpan holdFetched, CancellationToken cancellationToken) =>
        Real().TakeDueTasksAsync(range, limit, hold, holdFetched, cancellationToken);

    public virtual Task<int> HideTasksAsync(RangeKey range, IReadOnlyCollection<int> items, CancellationToken cancellationToken) =>
        Real().HideTasksAsync(range, items, cancellationToken);

    // IInboxStore
    public virtual Task<IReadOnlyList<bool>> ReceiveAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        Real().ReceiveAsync(deliveries, cancellationToken);

    public virtual Task<IReadOnlyList<TakenDelivery>> TakeDeliveriesAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except, int limit, long byteLimit, TimeSpan hold,
        CancellationToken cancellationToken) => Real().TakeDeliveriesAsync(except, limit, byteLimit, hold, cancellationToken);

    public virtual Task MarkFaultyAsync(AttemptKey attempt, string message, string reason, CancellationToken cancellationToken) =>
        Real().MarkFaultyAsync(attempt, message, reason, cancellationToken);

    public virtual Task<int> ReinterpretAsync(int batch, CancellationToken cancellationToken) =>
        Real().ReinterpretAsync(batch, cancellationToken);

    public virtual IAsyncEnumerable<StoredDelivery> ReadDeliveriesAsync(int batch, CancellationToken cancellationToken) =>
        Real().ReadDeliveriesAsync(batch, cancellationToken);

    public virtual Task NoteRefusedAsync(IReadOnlyList<(string Reason, int Times)> refused, CancellationToken cancellationToken) =>
        Real().NoteRefusedAsync(refused, cancellationToken);

    public virtual Task<IReadOnlyList<Refusal>> ReadRefusedAsync(CancellationToken cancellationToken) =>
        Real().ReadRefusedAsync(cancellationToken);

    // IEntityRequestStore
    public virtual Task<EntityRequestBatch?> OpenRequestBatchAsync(EntityRequestBatchKey request, CancellationToken cancellationToken) =>
        Real().OpenRequestBatchAsync(request, cancellationToken);

    public virtual Task<IReadOnlyList<RequestedEntity>?> RequestAsync(EntityRequestSet request, CancellationToken cancellationToken) =>
        Real().RequestAsync(request, cancellationToken);

    public virtual Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(
        Lease lease, string owner, IReadOnlyList<EntityWaiter> waits, TimeSpan actsAfter, CancellationToken cancellationToken) =>
        Real().AwaitEntitiesAsync(lease, owner, waits, actsAfter, cancellationToken);

    public virtual Task<IReadOnlyList<MovedItems>> ReconcileRequestsAsync(CancellationToken cancellationToken) =>
        Real().ReconcileRequestsAsync(cancellationToken);

    public virtual Task<IReadOnlyList<EntitySavings>> ReadSavingsAsync(int batch, CancellationToken cancellationToken) =>
        Real().ReadSavingsAsync(batch, cancellationToken);

    // IRateLimitStore
    public virtual Task BindLimitAsync(int batch, short stage, LimitKey limit, bool untilAnswered, CancellationToken cancellationToken) =>
        Real().BindLimitAsync(batch, stage, limit, untilAnswered, cancellationToken);

    public virtual Task<LeasedPermits> LeasePermitsAsync(PermitBlockRequest request, CancellationToken cancellationToken) =>
        Real().LeasePermitsAsync(request, cancellationToken);

    public virtual Task ReturnPermitsAsync(BlockEnd end, CancellationToken cancellationToken) =>
        Real().ReturnPermitsAsync(end, cancellationToken);

    public virtual void RenewBlocks(string owner, IReadOnlyList<HeldBlock> blocks, TimeSpan duration) =>
        Real().RenewBlocks(owner, blocks, duration);

    public virtual Task PauseLimitAsync(LimitKey limit, TimeSpan pause, bool failing, CancellationToken cancellationToken) =>
        Real().PauseLimitAsync(limit, pause, failing, cancellationToken);

    public virtual Task SlowDownAsync(
        LimitKey limit, TimeSpan? asked, TimeSpan first, TimeSpan longest, CancellationToken cancellationToken) =>
        Real().SlowDownAsync(limit, asked, first, longest, cancellationToken);

    public virtual Task<bool> CountFailuresAsync(
        LimitKey limit, int failures, bool answered, int breakAfter, CancellationToken cancellationToken) =>
        Real().CountFailuresAsync(limit, failures, answered, breakAfter, cancellationToken);

    public virtual Task<IReadOnlyList<StageLimit>> ReadLimitsAsync(int batch, CancellationToken cancellationToken) =>
        Real().ReadLimitsAsync(batch, cancellationToken);

    // IAccountStore
    public virtual Task<bool> PauseAccountAsync(LimitKey account, TimeSpan pause, TimeSpan age, CancellationToken cancellationToken) =>
        Real().PauseAccountAsync(account, pause, age, cancellationToken);

    public virtual Task<bool> ProbeAccountAsync(LimitKey account, TimeSpan hold, CancellationToken cancellationToken) =>
        Real().ProbeAccountAsync(account, hold, cancellationToken);

    public virtual Task ReturnProbeAsync(LimitKey account, CancellationToken cancellationToken) =>
        Real().ReturnProbeAsync(account, cancellationToken);

    public virtual Task<bool> ResumeAccountAsync(LimitKey account, bool probed, CancellationToken cancellationToken) =>
        Real().ResumeAccountAsync(account, probed, cancellationToken);

    public virtual Task<IReadOnlyList<UsedUpAccount>> ReadAccountsAsync(CancellationToken cancellationToken) =>
        Real().ReadAccountsAsync(cancellationToken);

    // IObserverStore
    public virtual Task BeginObservingAsync(CancellationToken cancellationToken) => Real().BeginObservingAsync(cancellationToken);

    public virtual Task<IReadOnlyList<Batch>> FindUnobservedAsync(CancellationToken cancellationToken) =>
        Real().FindUnobservedAsync(cancellationToken);

    public virtual Task MarkObservedAsync(Batch batch, CancellationToken cancellationToken) =>
        Real().MarkObservedAsync(batch, cancellationToken);

    // IRetentionStore
    public virtual IAsyncEnumerable<Batch> FindPrunableAsync(PruneQuery query, CancellationToken cancellationToken) =>
        Real().FindPrunableAsync(query, cancellationToken);

    public virtual Task<bool> MarkPrunedAsync(Batch batch, string detail, CancellationToken cancellationToken) =>
        Real().MarkPrunedAsync(batch, detail, cancellationToken);

    public virtual Task<IReadOnlyList<Batch>> FindUndeletedAsync(CancellationToken cancellationToken) =>
        Real().FindUndeletedAsync(cancellationToken);

    public virtual IAsyncEnumerable<int> DeletePrunedAsync(Batch batch, CancellationToken cancellationToken) =>
        Real().DeletePrunedAsync(batch, cancellationToken);

    public virtual Task<int> MaintainPartitionsAsync(CancellationToken cancellationToken) =>
        Real().MaintainPartitionsAsync(cancellationToken);

    public virtual Task<int> ForgetWorkersAsync(TimeSpan unseen, CancellationToken cancellationToken) =>
        Real().ForgetWorkersAsync(unseen, cancellationToken);

    // ISingletonLeaseStore
    public virtual Task<bool> TakeSingletonLeaseAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken) =>
        Real().TakeSingletonLeaseAsync(name, owner, duration, cancellationToken);

    public virtual Task EndSingletonLeaseAsync(string name, string owner, TimeSpan pause, CancellationToken cancellationToken) =>
        Real().EndSingletonLeaseAsync(name, owner, pause, cancellationToken);

    // IBatchReader
    public virtual Task<IReadOnlyList<StageCounts>> ReadProgressAsync(int batch, CancellationToken cancellationToken) =>
        Real().ReadProgressAsync(batch, cancellationToken);

    public virtual IAsyncEnumerable<ItemState> ReadStatesAsync(int batch, Status? status, CancellationToken cancellationToken) =>
        Real().ReadStatesAsync(batch, status, cancellationToken);

    public virtual Task<IReadOnlyList<TimelineEntry>> ReadTimelineAsync(
        int batch, short bucket, int item, CancellationToken cancellationToken) =>
        Real().ReadTimelineAsync(batch, bucket, item, cancellationToken);

    public virtual IAsyncEnumerable<StoredResult> ReadResultsAsync(int batch, CancellationToken cancellationToken) =>
        Real().ReadResultsAsync(batch, cancellationToken);

    public virtual IAsyncEnumerable<ItemSnapshot> ReadItemsAsync(Batch batch, CancellationToken cancellationToken) =>
        Real().ReadItemsAsync(batch, cancellationToken);

    public virtual Task<IReadOnlyList<BatchEvent>> ReadEventsAsync(int batch, CancellationToken cancellationToken) =>
        Real().ReadEventsAsync(batch, cancellationToken);

    // IManifestStore
    public virtual Task RegisterManifestsAsync(IReadOnlyList<StepManifest> manifests, CancellationToken cancellationToken) =>
        Real().RegisterManifestsAsync(manifests, cancellationToken);

    public virtual Task<IReadOnlyList<StepManifest>> ReadManifestsAsync(CancellationToken cancellationToken) =>
        Real().ReadManifestsAsync(cancellationToken);

    // ITokenKeyStore
    public virtual Task<IReadOnlyList<TokenKey>> ReadTokenKeysAsync(CancellationToken cancellationToken) =>
        Real().ReadTokenKeysAsync(cancellationToken);

    // IStoreAdministration
    public virtual Task MigrateAsync(CancellationToken cancellationToken) => Real().MigrateAsync(cancellationToken);

    public virtual Task<bool> HasSchemaAsync(CancellationToken cancellationToken) => Real().HasSchemaAsync(cancellationToken);

    public virtual Task<SchemaState> CheckSchemaAsync(CancellationToken cancellationToken) => Real().CheckSchemaAsync(cancellationToken);

    public virtual string MigrationScript() => Real().MigrationScript();

    public virtual Task<IAsyncDisposable> AcquireWorkerAsync(Action<string> waiting, CancellationToken cancellationToken) =>
        Real().AcquireWorkerAsync(waiting, cancellationToken);

    public virtual bool AdmitsOneWorker => Real().AdmitsOneWorker;

    public virtual Task<IReadOnlyList<string>> ReadClientsAsync(CancellationToken cancellationToken) =>
        Real().ReadClientsAsync(cancellationToken);

    public virtual Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken) => Real().ExamineAsync(cancellationToken);

    /// <summary>Sees each operation that is not overridden, by its name, before it is made.</summary>
    protected virtual void On(string operation)
    {
    }

    private IEnrichmentStore Real([CallerMemberName] string operation = "")
    {
        On(operation);
        return real;
    }
}
