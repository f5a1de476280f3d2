using System.Threading.Channels;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Outcomes;

/// <summary>
/// Outcomes on their way from calls to the writer, in any order. Their bytes count in the host's budget for answers until they are written.
/// </summary>
/// <param name="budget">The budget.</param>
/// <param name="options">How large a set is, and how long it waits for more outcomes.</param>
/// <param name="time">The host's clock.</param>
internal sealed class OutcomeQueue(AnswerBudget.Account budget, WorkerOptions options, TimeProvider time) : IDisposable
{
    private readonly Channel<StateChange> outcomes = Channel.CreateUnbounded<StateChange>(new() { SingleReader = true });
    private int waiting; // The channel cannot say it. A set that grows while it is filled costs as much memory again.

    /// <summary>The budget that its calls begin with.</summary>
    public AnswerBudget.Account Budget => budget;

    /// <summary>Adds an outcome. One that comes after the end is dropped: its call was abandoned.</summary>
    public void Add(StateChange outcome)
    {
        var size = budget.Counted(outcome.Result.Length);
        budget.Hold(size);
        Interlocked.Increment(ref waiting);
        if (!outcomes.Writer.TryWrite(outcome))
        {
            Interlocked.Decrement(ref waiting);
            budget.Free(size);
        }
    }

    /// <summary>Says that no outcome comes any more.</summary>
    public void Complete() => outcomes.Writer.TryComplete();

    /// <summary>
    /// The outcomes in sets to be written, bounded in items and bytes. One list serves all sets: a set is valid until the next is read.
    /// </summary>
    /// <param name="running">Ends when no outcome is on its way: then a set does not wait for more.</param>
    public async IAsyncEnumerable<List<StateChange>> ReadSetsAsync(Task running)
    {
        var set = new List<StateChange>();
        while (await outcomes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            if (options.CommitDelay > TimeSpan.Zero)
            {
                await time.WaitAsync(running, options.CommitDelay, CancellationToken.None).ConfigureAwait(false);
            }

            var (bytes, counted) = (0L, 0L);
            set.EnsureCapacity(Math.Min(options.ClaimSize, Volatile.Read(ref waiting)));
            while (set.Count < options.ClaimSize && bytes < OutcomeWriter.SetBytes && outcomes.Reader.TryRead(out var outcome))
            {
                set.Add(outcome);
                bytes += outcome.Result.Length;
                counted += budget.Counted(outcome.Result.Length);
            }

            Interlocked.Add(ref waiting, -set.Count);
            try
            {
                yield return set;
            }
            finally
            {
                set.Clear();
                budget.Free(counted);
            }
        }
    }

    /// <summary>Drops outcomes that were not read.</summary>
    public void Dispose()
    {
        Complete();
        while (outcomes.Reader.TryRead(out var outcome))
        {
            budget.Free(budget.Counted(outcome.Result.Length));
        }
    }
}
