namespace Enrichment.Sqlite;

/// <content>One worker a file.</content>
internal sealed partial class SqliteStore
{
    private static readonly TimeSpan WorkerPoll = TimeSpan.FromSeconds(1);

    // Of a database in memory, which has no file to lock and no second process.
    private readonly InMemoryLock inMemory = new();

    /// <inheritdoc />
    public bool AdmitsOneWorker => true;

    /// <inheritdoc />
    /// <remarks>
    /// The right is a lock of the operating system on a file beside the database: it ends with the process however that dies, stays while
    /// the process is stopped, and keeps out a second worker of the same process as well.
    /// </remarks>
    public async Task<IAsyncDisposable> AcquireWorkerAsync(Action<string> waiting, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (file.InMemory)
        {
            return await inMemory.TakeAsync(waiting, cancellationToken).ConfigureAwait(false);
        }

        if (WorkerLock.TryTake(file.WorkerLock) is { } free)
        {
            return free;
        }

        waiting(WorkerLock.Describe(file.WorkerLock));
        while (true)
        {
            await Task.Delay(WorkerPoll, options.Clock, cancellationToken).ConfigureAwait(false);
            if (WorkerLock.TryTake(file.WorkerLock) is { } freed)
            {
                return freed;
            }
        }
    }
}
