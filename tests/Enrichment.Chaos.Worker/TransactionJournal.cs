using System.Globalization;
using System.Text;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Chaos.Worker;

/// <summary>
/// The transactions of a host, noted in a file outside the store that outlives the process: before each statement how many items its
/// transaction has filled, and after its commit how many it has filled in all. Each fills one set of items, however fast the machine is.
/// </summary>
internal sealed class TransactionJournal(IProjectionTransactions real, FileStream file) : IProjectionTransactions
{
    private const char Open = '?';
    private const char Committed = '!';

    // All lines are as long, so that their number is told by the length of the file.
    private const int LineBytes = 10;

    /// <summary>Begins a file.</summary>
    public static FileStream Begin(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>How many statements and commits a file has.</summary>
    public static long Count(string path) => File.Exists(path) ? new FileInfo(path).Length / LineBytes : 0;

    /// <summary>What a dead host has left: the items of transactions whose commit it saw, and those of the one after them.</summary>
    public static (int Committed, int Open) Read(string path)
    {
        var (committed, open) = (0, 0);
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            var items = int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
            (committed, open) = line[0] == Committed ? (committed + items, 0) : (committed, items);
        }

        return (committed, open);
    }

    public async Task<T> TransactAsync<T>(string projection, Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken)
    {
        var items = 0;
        var result = await real.TransactAsync(
            projection,
            async session =>
            {
                var done = await work(Noted(session));
                items = session.ItemsFilled;
                return done;
            },
            cancellationToken);
        Write(Committed, items);
        return result;
    }

    public Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        real.LookAsync(projection, session => read(Noted(session)), cancellationToken);

    public Task<T> SnapshotAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        real.SnapshotAsync(projection, session => read(Noted(session)), cancellationToken);

    public IAsyncEnumerable<T> StreamAsync<T>(
        Func<ProjectionReading, IAsyncEnumerable<T>> read, CancellationToken cancellationToken) =>
        real.StreamAsync(read, cancellationToken);

    private ProjectionSession Noted(ProjectionSession session)
    {
        session.ChunkTime = TimeSpan.Zero;
        session.BeforeStatement = () => Write(Open, session.ItemsFilled);
        return session;
    }

    // One write to the operating system, which keeps it however the process ends.
    private void Write(char kind, int items) =>
        file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}{items:00000000}\n")));
}
