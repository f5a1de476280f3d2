using System.Globalization;
using Enrichment.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Sqlite.Tests;

/// <summary>One worker a file; the second waits and says why.</summary>
public sealed class WorkerLockTests : IDisposable
{
    private readonly TemporaryDatabase database = new();
    private readonly FakeTimeProvider clock = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_second_worker_waits_for_the_first_and_is_told_whom_it_waits_for()
    {
        using var store = new SqliteStore(database.Path);
        using var other = new SqliteStore(database.Path, new() { Clock = clock });
        var said = new List<string>();
        var first = await store.AcquireWorkerAsync(said.Add, default);
        Assert.Empty(said);

        var second = other.AcquireWorkerAsync(said.Add, default);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(second.IsCompleted);
        Assert.Equal(
            $"The lock '{database.Path}.worker.lock' is held by process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}: one worker at a time works on a SQLite database. Waiting until it ends; for several at once use PostgreSQL.",
            Assert.Single(said));
        await first.DisposeAsync();
        await Wait.UntilAsync(() =>
        {
            // More than once: its next wait may not have begun yet.
            clock.Advance(TimeSpan.FromSeconds(5));
            return second.IsCompleted;
        });

        await (await second).DisposeAsync();
        await (await store.AcquireWorkerAsync(said.Add, default)).DisposeAsync();
        Assert.Single(said);
    }

    [Fact]
    public async Task A_worker_that_waits_can_be_cancelled()
    {
        using var store = new SqliteStore(database.Path, new() { Clock = clock });
        await using var first = await store.AcquireWorkerAsync(_ => { }, default);
        using var cancel = new CancellationTokenSource();

        var second = store.AcquireWorkerAsync(_ => { }, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public async Task Databases_in_memory_do_not_wait_for_one_another()
    {
        using var one = new SqliteStore(":memory:");
        using var another = new SqliteStore(":memory:");

        await using var first = await one.AcquireWorkerAsync(Assert.Fail, default);
        await using var second = await another.AcquireWorkerAsync(Assert.Fail, default);
    }
}
