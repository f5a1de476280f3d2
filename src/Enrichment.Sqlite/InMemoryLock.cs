using System.Threading.Channels;

namespace Enrichment.Sqlite;

/// <summary>The right to run the one worker of a database in memory: its workers are all of one process.</summary>
internal sealed class InMemoryLock
{
    // One ticket, available while no worker works.
    private readonly Channel<bool> tickets = Channel.CreateBounded<bool>(1);

    public InMemoryLock() => tickets.Writer.TryWrite(true);

    public async Task<IAsyncDisposable> TakeAsync(Action<string> waiting, CancellationToken cancellationToken)
    {
        if (!tickets.Reader.TryRead(out _))
        {
            waiting("Another worker of this process works on the database in memory. Waiting until it ends.");
            await tickets.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        return new HeldTicket(tickets.Writer);
    }

    private sealed class HeldTicket(ChannelWriter<bool> tickets) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            tickets.TryWrite(true);
            return default;
        }
    }
}
