using Microsoft.Extensions.Logging;

namespace Enrichment.Plans;

/// <summary>
/// Everything that the engine says; numbers never change. No field values, no results, no secrets; a batch by its public id, which commands
/// and pages take.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Worker {Owner} has started with {MaxConcurrentClaims} claims at once and a lease of {Lease}")]
    public static partial void WorkerStarted(ILogger logger, string owner, int maxConcurrentClaims, TimeSpan lease);

    [LoggerMessage(2, LogLevel.Information, "Worker {Owner} has stopped; its leases are given back")]
    public static partial void WorkerStopped(ILogger logger, string owner);

    [LoggerMessage(3, LogLevel.Warning, "{Reason}")]
    public static partial void WorkerWaits(ILogger logger, string reason);

    [LoggerMessage(
        4,
        LogLevel.Warning,
        "The lease on items {Lo}..{Hi} of batch {Batch} at stage {Stage} was taken over by another host; answers to its calls in flight change nothing")]
    public static partial void LeaseLost(ILogger logger, Guid batch, short stage, int lo, int hi);

    [LoggerMessage(5, LogLevel.Warning, "The leases could not be renewed; the next heartbeat tries again")]
    public static partial void BeatFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The store did not answer; trying again in {Delay}")]
    public static partial void StoreFailed(ILogger logger, TimeSpan delay, Exception? exception);

    [LoggerMessage(
        40,
        LogLevel.Error,
        "The store cannot be reached; the host starts without it, and its worker begins as soon as the store answers")]
    public static partial void StoreAwayAtStart(ILogger logger, Exception exception);

    [LoggerMessage(41, LogLevel.Error, "{Problem}")]
    public static partial void SchemaUnready(ILogger logger, string problem);

    [LoggerMessage(47, LogLevel.Critical, "The worker stops: {Reason}")]
    public static partial void WorkerRefused(ILogger logger, string reason);

    [LoggerMessage(
        42,
        LogLevel.Warning,
        "{Place}: this host does not have the step '{Step}', and no other host has registered it. Launches are refused until a host has it")]
    public static partial void StepUnknownAtStart(ILogger logger, string place, string step);

    [LoggerMessage(
        43,
        LogLevel.Warning,
        "The host's shutdown time-out ended before its worker had drained. Calls in flight are cut off. Set HostOptions.ShutdownTimeout above DrainTimeout, {DrainTimeout}")]
    public static partial void ShutdownCutOff(ILogger logger, TimeSpan drainTimeout);

    [LoggerMessage(7, LogLevel.Error, "A claim failed; the next begins in {Delay}. Its lease will be taken over")]
    public static partial void ClaimLoopFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "A sweep failed; the next one tries again")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        9,
        LogLevel.Information,
        "{Count} of {Total} outcomes changed nothing: the lease was lost, or the item was cancelled meanwhile")]
    public static partial void CommitsLost(ILogger logger, int count, int total);

    [LoggerMessage(
        10,
        LogLevel.Warning,
        "A lost lease on items {Lo}..{Hi} of batch {Batch} at stage {Stage} was taken over: {Open} open, lost {Losses} times before")]
    public static partial void LostLeaseTaken(ILogger logger, Guid batch, short stage, int lo, int hi, int open, int losses);

    [LoggerMessage(11, LogLevel.Information, "Batch {Batch} has ended: {Status}")]
    public static partial void BatchEnded(ILogger logger, Guid batch, string status);

    [LoggerMessage(13, LogLevel.Warning, "Batch {Batch} waits at stage {Stage} for step {Step} {Version}, which this host does not have")]
    public static partial void StepMissing(ILogger logger, Guid batch, short stage, string step, string version);

    [LoggerMessage(
        45,
        LogLevel.Warning,
        "Batch {Batch} waits at stage {Stage} for a host that may make the calls of step {Step} {Version}. On this host every call would be refused: {Reason}")]
    public static partial void StepRefused(ILogger logger, Guid batch, short stage, string step, string version, string? reason);

    [LoggerMessage(
        14,
        LogLevel.Information,
        "Retention: {Batches} batches were pruned, {Rows} rows deleted, {Months} months of results dropped")]
    public static partial void Pruned(ILogger logger, int batches, long rows, int months);

    [LoggerMessage(32, LogLevel.Warning, "{Count} uploads were deleted that their hosts had left unfinished")]
    public static partial void UploadsDiscarded(ILogger logger, int count);

    [LoggerMessage(15, LogLevel.Error, "Retention failed; the next run tries again")]
    public static partial void RetentionFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        16,
        LogLevel.Debug,
        "{Count} calls of batch {Batch} at stage {Stage} were polled or overdue; {Settled} states were written")]
    public static partial void TimersDue(ILogger logger, int count, Guid batch, short stage, int settled);

    [LoggerMessage(
        23,
        LogLevel.Error,
        "Batch {Batch} waits at stage {Stage}: this host cannot act on calls that step {Step} has sent: {Reason}")]
    public static partial void SentWorkFailed(ILogger logger, Guid batch, short stage, string step, string reason, Exception? exception);

    [LoggerMessage(17, LogLevel.Error, "The timer service failed; it continues in {Delay}")]
    public static partial void TimersFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(18, LogLevel.Error, "Interpreting deliveries failed; it continues in {Delay}")]
    public static partial void InterpretingFailed(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(19, LogLevel.Warning, "A delivery for item {Item} of batch {Batch} at stage {Stage} could not be interpreted: {Reason}")]
    public static partial void DeliveryFaulty(ILogger logger, int item, Guid batch, short stage, string reason);

    [LoggerMessage(20, LogLevel.Warning, "A delivery was refused: {Reason}")]
    public static partial void DeliveryRefused(ILogger logger, string reason);

    [LoggerMessage(
        21,
        LogLevel.Error,
        "Deliveries for step {Step} of batch {Batch} cannot be authenticated, and their vendor is asked to deliver again: {Reason}")]
    public static partial void DeliveryNotChecked(ILogger logger, string step, Guid batch, string reason);

    [LoggerMessage(22, LogLevel.Warning, "A delivery to batch {Batch} was refused: {Reason}")]
    public static partial void DeliveryOfBatchRefused(ILogger logger, Guid batch, string reason);

    [LoggerMessage(
        30,
        LogLevel.Error,
        "Ended items of batch {Batch} (key {Key}) at stage {Stage} in bucket {Bucket} could not be advanced, or their waiters not completed; the next sweep tries again")]
    public static partial void AdvancingFailed(ILogger logger, Guid? batch, int key, short stage, short bucket, Exception exception);

    [LoggerMessage(
        31,
        LogLevel.Error,
        "The store refused the outcome of item {Item} of batch {Batch} because of its data; the item fails, and its answer is kept with the attempt if the store takes it there")]
    public static partial void OutcomeRefused(ILogger logger, int item, Guid batch, Exception exception);

    [LoggerMessage(
        44,
        LogLevel.Warning,
        "{Count} connections to the store were ended: their hosts stopped in the middle of a transaction more than {Lease} ago")]
    public static partial void StalledEnded(ILogger logger, int count, TimeSpan lease);

    [LoggerMessage(46, LogLevel.Debug, "{Items} items of batch {Batch} at stage {Stage} come to the phase '{Phase}'")]
    public static partial void PhaseEntered(ILogger logger, int items, Guid batch, short stage, string phase);

    [LoggerMessage(12, LogLevel.Error, "The consolidation of '{Projection}' for batch {Batch} failed; a later sweep tries again")]
    public static partial void ConsolidationFailed(ILogger logger, string projection, Guid batch, Exception exception);

    [LoggerMessage(54, LogLevel.Error, "The tables of projection '{Projection}' could not be looked after; a later sweep tries again")]
    public static partial void ProjectionFailed(ILogger logger, string projection, Exception exception);

    [LoggerMessage(55, LogLevel.Error, "A replaced table of a projection could not be dropped; a later sweep tries again")]
    public static partial void ReplacedTablesKept(ILogger logger, Exception exception);

    [LoggerMessage(48, LogLevel.Error, "An observer of the end of batch {Batch} failed; a later sweep tells it again")]
    public static partial void ObserverFailed(ILogger logger, Guid batch, Exception exception);

    [LoggerMessage(56, LogLevel.Error, "The answers of batch {Batch} could not be profiled; a later sweep tries again")]
    public static partial void ProfilingFailed(ILogger logger, Guid batch, Exception exception);

    [LoggerMessage(49, LogLevel.Error, "The changed configuration cannot be used, and the options stay as they were:{Problems}")]
    public static partial void ChangeRefused(ILogger logger, string problems);

    [LoggerMessage(50, LogLevel.Information, "The worker's options have changed with the section {Section}")]
    public static partial void OptionsChanged(ILogger logger, string section);

    [LoggerMessage(51, LogLevel.Warning, "The section {Section} has changed options of the worker that take effect at the next start only")]
    public static partial void ChangeAtNextStart(ILogger logger, string section);

    [LoggerMessage(52, LogLevel.Error, "The backlog could not be read for the gauges; the next turn tries again")]
    public static partial void GaugesFailed(ILogger logger, Exception exception);

    [LoggerMessage(53, LogLevel.Warning, "A fetch of tasks of {Step} failed half-way; its worker gets the tasks that it had fetched by then")]
    public static partial void FetchFailedHalfway(ILogger logger, string step, Exception exception);
}
