namespace Enrichment.Outcomes;

/// <summary>
/// The memory for answers that are not written yet. A call begins only when there is room for its answer, which is expected to be as large
/// as its step's usual ones.
/// </summary>
/// <remarks>
/// An eighth of the budget is kept for clients that have little of it, as an eighth of the calls in flight is: large answers of one client
/// keep no other from calling. While nothing is taken, one call may be made however large its answer is. Thread-safe.
/// </remarks>
/// <param name="bytes">How many bytes of answers there may be.</param>
/// <param name="largest">How large one answer may be.</param>
/// <param name="collect">
/// Has garbage collected in the background; null: by .NET. Called for each quarter of the budget that came in large answers.
/// </param>
internal sealed class AnswerBudget(long bytes, long largest, Action? collect = null)
{
    // Such an array is a large object. After many of them the collector lets garbage grow to several times the live memory, a multiple of
    // this budget.
    private const int LargeObject = 85_000;

    private readonly long kept = bytes / 8;

    // Smaller answers are not counted. Most calls have such answers, and even all that a host can have at once take little.
    private readonly long small = bytes / 65_536;

    // Before a step's first answer. Less risks more memory if all its answers are of the largest size; more keeps a slow vendor waiting for
    // calls.
    private readonly long guess = Math.Max(1, largest * 2 / 5);
    private readonly Lock gate = new();
    private readonly Dictionary<string, AnswerShare> clients = [];
    private readonly Dictionary<string, Usual> steps = [];
    private readonly LinkedList<Waiter> waiting = [];
    private readonly Action collect = collect ?? (static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false));
    private long taken;
    private long arrived;

    /// <summary>The account of one client's calls of one step.</summary>
    public Account Of(string client, string step)
    {
        lock (gate)
        {
            var share = clients.TryGetValue(client, out var known) ? known : clients[client] = new();
            var usual = steps.TryGetValue(step, out var one) ? one : steps[step] = new(guess);
            return usual.Accounts.TryGetValue(share, out var account) ? account : usual.Accounts[share] = new(this, share, usual);
        }
    }

    private bool Fits(AnswerShare client, long expected) =>
        taken == 0 || taken + expected <= bytes - kept || (client.Taken + expected <= kept && taken + expected <= bytes);

    private void Change(AnswerShare client, long by)
    {
        client.Taken += by;
        taken += by;
    }

    /// <summary>Whether so many large arrays have come that those before them should be collected. The budget is locked.</summary>
    private bool IsMuchGarbage(long size)
    {
        if (size < LargeObject || (arrived += size) < bytes / 4)
        {
            return false;
        }

        arrived = 0;
        return true;
    }

    private void Admit()
    {
        for (var next = waiting.First; next is not null;)
        {
            var (node, waiter) = (next, next.Value);
            next = next.Next;
            if (waiter.Account.TryEnter())
            {
                waiting.Remove(node);
                waiter.Admitted.SetResult(true);
            }
        }
    }

    /// <summary>The budget as calls of one client's step see it.</summary>
    internal sealed class Account(AnswerBudget budget, AnswerShare client, Usual step)
    {
        /// <summary>How many calls are in flight.</summary>
        public int Calls { get; private set; }

        /// <summary>
        /// Whether calls need no budget, because answers of the step are small. Read without the lock: the next call sees a change.
        /// </summary>
        public bool NeedsNone => step.IsKnown && step.Bytes <= budget.small;

        /// <summary>What an answer of a size takes of the budget.</summary>
        public long Counted(long size) => size <= budget.small ? 0 : size;

        /// <summary>Takes room for a call if there is some now.</summary>
        public bool TryBegin()
        {
            lock (budget.gate)
            {
                return TryEnter();
            }
        }

        /// <summary>Waits for room for a call.</summary>
        /// <returns>False if the wait was ended.</returns>
        public async Task<bool> BeginAsync(CancellationToken stop)
        {
            LinkedListNode<Waiter> node;
            lock (budget.gate)
            {
                if (TryEnter())
                {
                    return true;
                }

                node = budget.waiting.AddLast(new Waiter(this));
            }

            await using var stopping = stop.UnsafeRegister(_ => Leave(node), null).ConfigureAwait(false);
            return await node.Value.Admitted.Task.ConfigureAwait(false);
        }

        /// <summary>A call is over; its answers, if any, are held.</summary>
        /// <param name="size">How large its answer was; null if there was none.</param>
        public void End(long? size)
        {
            lock (budget.gate)
            {
                Calls--;
                budget.Change(client, -step.Bytes);
                if (size is { } answered)
                {
                    step.Learn(answered);
                }

                budget.Admit();
            }
        }

        /// <summary>An answer came to a call that needed no budget.</summary>
        public void Learn(long answered)
        {
            if (answered <= budget.small)
            {
                return;
            }

            lock (budget.gate)
            {
                step.Learn(answered);
            }
        }

        /// <summary>An answer waits to be written.</summary>
        /// <param name="size">What it takes: see <see cref="Counted"/>.</param>
        public void Hold(long size)
        {
            if (size == 0)
            {
                return;
            }

            bool isMuch;
            lock (budget.gate)
            {
                budget.Change(client, size);
                isMuch = budget.IsMuchGarbage(size);
            }

            if (isMuch)
            {
                budget.collect();
            }
        }

        /// <summary>Answers were written, or never will be.</summary>
        /// <param name="size">What they took: see <see cref="Counted"/>.</param>
        public void Free(long size)
        {
            if (size == 0)
            {
                return;
            }

            lock (budget.gate)
            {
                budget.Change(client, -size);
                budget.Admit();
            }
        }

        /// <summary>Gives each call in flight so much more of the budget, or less. The budget is locked.</summary>
        public void Grow(long by) => budget.Change(client, Calls * by);

        /// <summary>Takes room for a call if there is some. The budget is locked.</summary>
        public bool TryEnter()
        {
            if (!budget.Fits(client, step.Bytes))
            {
                return false;
            }

            Calls++;
            budget.Change(client, step.Bytes);
            return true;
        }

        private void Leave(LinkedListNode<Waiter> node)
        {
            lock (budget.gate)
            {
                if (node.List is null)
                {
                    return; // Admitted meanwhile.
                }

                budget.waiting.Remove(node);
            }

            node.Value.Admitted.SetResult(false);
        }
    }

    /// <summary>A client's part of the budget: its answers in hand, and the expected answers to its calls in flight.</summary>
    internal sealed class AnswerShare
    {
        public long Taken { get; set; }
    }

    /// <summary>How large the answers of a step are.</summary>
    /// <param name="guess">How large they are taken to be before the first.</param>
    internal sealed class Usual(long guess)
    {
        private long bytes = guess;
        private volatile bool known;

        public bool IsKnown => known;

        public long Bytes => Volatile.Read(ref bytes);

        public Dictionary<AnswerShare, Account> Accounts { get; } = [];

        /// <summary>Learns from an answer, also for the calls in flight. Newer answers count more. The budget is locked.</summary>
        public void Learn(long answered)
        {
            var before = Bytes;
            Volatile.Write(ref bytes, Math.Max(1, known ? before + ((answered - before) / 8) : answered));
            known = true;
            foreach (var account in Accounts.Values)
            {
                account.Grow(bytes - before);
            }
        }
    }

    private sealed record Waiter(Account Account)
    {
        public TaskCompletionSource<bool> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
