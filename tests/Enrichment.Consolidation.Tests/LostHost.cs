using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Tests;

/// <summary>The transactions of a host that is lost before one of its statements.</summary>
internal sealed class LostHost(IProjectionTransactions real, int statements) : IProjectionTransactions
{
    private int left = statements;

    public Task<T> TransactAsync<T>(string projection, Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken) =>
        real.TransactAsync(projection, session => work(Watched(session)), cancellationToken);

    public Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        real.LookAsync(projection, session => read(Watched(session)), cancellationToken);

    public Task<T> SnapshotAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        real.SnapshotAsync(projection, session => read(Watched(session)), cancellationToken);

    public IAsyncEnumerable<T> StreamAsync<T>(
        Func<ProjectionReading, IAsyncEnumerable<T>> read, CancellationToken cancellationToken) =>
        real.StreamAsync(read, cancellationToken);

    /// <summary>Repeats an act on hosts that are lost after more and more statements, until one is not.</summary>
    /// <returns>How many were lost.</returns>
    public static async Task<int> UntilDoneAsync(
        IProjectionTransactions real, Func<IProjectionTransactions, Task> act, Func<Task>? afterLoss = null)
    {
        for (var lost = 0; ; lost++)
        {
            try
            {
                await act(new LostHost(real, lost));
                return lost;
            }
            catch (HostLostException)
            {
                await (afterLoss?.Invoke() ?? Task.CompletedTask);
            }
        }
    }

    private ProjectionSession Watched(ProjectionSession session)
    {
        session.ChunkTime = TimeSpan.Zero;
        session.BeforeStatement = () =>
        {
            if (left-- == 0)
            {
                throw new HostLostException();
            }
        };
        return session;
    }

    private sealed class HostLostException : Exception;
}
