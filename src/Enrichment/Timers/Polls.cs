using Enrichment.Execution;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Timers;

/// <summary>
/// The polls of some calls of one stage, many at once. Each has a slot among the host's calls in flight, which it gives back at its end,
/// and begins once there is room for its answer.
/// </summary>
internal sealed class Polls(StagePlan plan, ReadyStep step, StepHost host) : IDisposable
{
    private readonly SemaphoreSlim threads = new(StepRunner.MostThreads);

    /// <summary>
    /// Their outcomes, as they end. A poll that the stop of the host interrupts gives none: it is made again at its next date.
    /// </summary>
    public OutcomeQueue Outcomes { get; } = host.Queue(plan);

    /// <summary>Makes the polls. None waits for another.</summary>
    public async Task RunAsync(IReadOnlyList<DueTimer> items, CancellationToken stop)
    {
        var all = new List<Task>(items.Count);
        foreach (var item in items)
        {
            if (!await Outcomes.Budget.BeginAsync(stop).ConfigureAwait(false))
            {
                host.Slots.Return(plan.Batch.Client, 1);
                continue;
            }

            await threads.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            all.Add(PollAsync(item, stop));
        }

        await Task.WhenAll(all).ConfigureAwait(false);
        Outcomes.Complete();
    }

    public void Dispose()
    {
        threads.Dispose();
        Outcomes.Dispose();
    }

    private async Task PollAsync(DueTimer item, CancellationToken stop)
    {
        var sent = new SentItem(item.Item, item.Generation, item.Attempt, item.Tries, item.KeyGeneration);

        // Overdue calls are polled too: their answers were paid for, and would be lost otherwise.
        var polled = item.Overdue || !host.Credits.IsPaused(plan);
        var began = host.Run.Time.GetTimestamp();
        var said = polled
            ? await CallAsync(sent, item.Reference, stop).ConfigureAwait(false)
            : StepOutcome.RateLimited("The account with the vendor is used up; the poll was not made.");
        if (said is not null)
        {
            var outcome = step.Told(said);
            if (outcome.ErrorClass == ErrorClass.OutOfCredits)
            {
                host.Credits.Note(plan, outcome, began);
            }

            // Overdue calls were polled too: perhaps no host was running at the dates of their polls, and another poll costs nothing.
            var commit = plan.OutcomeRules.OfPoll(sent, outcome, Random.Shared.NextDouble());
            Outcomes.Add(
                item.Overdue && commit.Status == Status.InProgress
                    ? plan.OutcomeRules.Overdue(sent, Random.Shared.NextDouble(), outcome.Reason)
                    : commit);
        }

        // Only what the vendor said tells how large its answers are.
        Outcomes.Budget.End(polled && said is { Kind: not StepOutcomeKind.Unknown } ? said.Result.Length : null);
        host.Slots.Return(plan.Batch.Client, 1);
    }

    /// <summary>Null if the host stopped meanwhile.</summary>
    private async Task<StepOutcome?> CallAsync(SentItem sent, string? reference, CancellationToken stop)
    {
        using var over = new CancellationTokenSource(plan.Stage.Timeout, host.Run.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stop);
        var onThread = 1;
        try
        {
            // A step that does not heed its token, or blocks its thread, is left behind: a poll only reads.
            return await CallAsync(either.Token).WaitAsync(either.Token).ConfigureAwait(false)
                ?? StepOutcome.Unknown("The poll returned null instead of an outcome.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return StepOutcome.Unknown($"The poll did not answer within {DurationWords.Of(plan.Stage.Timeout)}.");
        }
#pragma warning disable CA1031 // A step's faults are no answer, whatever it throws: the call is still out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return StepOutcome.Unknown($"The poll threw {step.Told(exception)}");
        }
        finally
        {
            LeaveThread();
        }

        async Task<StepOutcome?> CallAsync(CancellationToken cancellationToken)
        {
            await host.Threads;
            await using var use = step.Begin();
            var half =
                use.Step as IPollingStep
                ?? throw new StepFaultException($"The step has a time between polls, but does not implement {nameof(IPollingStep)}.");
            var answer = half.PollAsync(plan.Context(sent, reference, step.Options, host.Run.Time), cancellationToken);
            LeaveThread();
            return await answer.ConfigureAwait(false);
        }

        void LeaveThread()
        {
            if (Interlocked.Exchange(ref onThread, 0) == 1)
            {
                threads.Release();
            }
        }
    }
}
