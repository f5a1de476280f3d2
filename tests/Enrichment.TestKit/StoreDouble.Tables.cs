using Enrichment.Consolidation;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.TestKit;

/// <content>Typed tables.</content>
internal abstract partial class StoreDouble
{
    // IProjectionStore
    public virtual Task<IReadOnlyList<Batch>> FindUnconsolidatedAsync(CancellationToken cancellationToken) =>
        Real().FindUnconsolidatedAsync(cancellationToken);

    public virtual Task MarkConsolidatedAsync(Batch batch, CancellationToken cancellationToken) =>
        Real().MarkConsolidatedAsync(batch, cancellationToken);

    // IExportStore
    public virtual Task<DateTimeOffset> BeginExportAsync(Export export, CancellationToken cancellationToken) =>
        Real().BeginExportAsync(export, cancellationToken);

    public virtual Task<DateTimeOffset> EndExportAsync(Guid id, CancellationToken cancellationToken) =>
        Real().EndExportAsync(id, cancellationToken);

    public virtual IAsyncEnumerable<Export> ReadExportsAsync(string client, CancellationToken cancellationToken) =>
        Real().ReadExportsAsync(client, cancellationToken);

    // IProjectionTransactions
    public virtual Task<T> TransactAsync<T>(
        string projection, Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken) =>
        Real().TransactAsync(projection, work, cancellationToken);

    public virtual Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        Real().LookAsync(projection, read, cancellationToken);

    public virtual Task<T> SnapshotAsync<T>(
        string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        Real().SnapshotAsync(projection, read, cancellationToken);

    public virtual IAsyncEnumerable<T> StreamAsync<T>(
        Func<ProjectionReading, IAsyncEnumerable<T>> read, CancellationToken cancellationToken) =>
        Real().StreamAsync(read, cancellationToken);
}
