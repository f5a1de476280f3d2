using Enrichment.Consolidation;
using Enrichment.Hosting;

namespace Enrichment.TestKit;

/// <content>Typed tables.</content>
internal abstract partial class StoreDouble
{
    // IProjectionStore
    public virtual Task<ConsolidationReport> ConsolidateAsync(Projection projection, int batch, CancellationToken cancellationToken) =>
        Real().ConsolidateAsync(projection, batch, cancellationToken);

    public virtual Task<ConsolidationReport> RebuildAsync(Projection projection, CancellationToken cancellationToken) =>
        Real().RebuildAsync(projection, cancellationToken);

    public virtual Task<IReadOnlyList<int>> FindToProjectAsync(Projection projection, CancellationToken cancellationToken) =>
        Real().FindToProjectAsync(projection, cancellationToken);

    public virtual Task BuildAsync(Projection projection, CancellationToken cancellationToken) =>
        Real().BuildAsync(projection, cancellationToken);

    public virtual Task RecordFailureAsync(Projection projection, int batch, string error, CancellationToken cancellationToken) =>
        Real().RecordFailureAsync(projection, batch, error, cancellationToken);

    public virtual Task<Projection?> FindLiveAsync(Projection projection, CancellationToken cancellationToken) =>
        Real().FindLiveAsync(projection, cancellationToken);

    public virtual Task<IReadOnlyList<Finding>> ExamineAsync(Projection projection, CancellationToken cancellationToken) =>
        Real().ExamineAsync(projection, cancellationToken);

    public virtual IAsyncEnumerable<ProjectedRow> ReadProjectionAsync(
        Projection projection, string client, Guid? batch, DateOnly asOf, CancellationToken cancellationToken) =>
        Real().ReadProjectionAsync(projection, client, batch, asOf, cancellationToken);

    public virtual IAsyncEnumerable<ProjectedRow> ReadChildrenAsync(
        Projection projection, int child, string client, Guid? batch, CancellationToken cancellationToken) =>
        Real().ReadChildrenAsync(projection, child, client, batch, cancellationToken);

    public virtual IAsyncEnumerable<ProjectionIssue> ReadIssuesAsync(
        Projection projection, string client, Guid? batch, CancellationToken cancellationToken) =>
        Real().ReadIssuesAsync(projection, client, batch, cancellationToken);

    public virtual Task<ExplainedRow?> ExplainAsync(
        Projection projection, Batch batch, int item, DateOnly asOf, CancellationToken cancellationToken) =>
        Real().ExplainAsync(projection, batch, item, asOf, cancellationToken);

    public virtual Task<IReadOnlyList<Batch>> FindUnconsolidatedAsync(CancellationToken cancellationToken) =>
        Real().FindUnconsolidatedAsync(cancellationToken);

    public virtual Task MarkConsolidatedAsync(Batch batch, CancellationToken cancellationToken) =>
        Real().MarkConsolidatedAsync(batch, cancellationToken);

    // IProjectionTransactions
    public virtual Task<T> TransactAsync<T>(
        string projection, Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken) =>
        Real().TransactAsync(projection, work, cancellationToken);

    public virtual Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        Real().LookAsync(projection, read, cancellationToken);
}
