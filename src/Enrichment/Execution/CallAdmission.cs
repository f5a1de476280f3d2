using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.RateLimiting;

namespace Enrichment.Execution;

/// <summary>
/// Lets a call be made when all that it needs is there: room for its answer, its moment under the rate limit, and an account that is not
/// used up.
/// </summary>
/// <param name="outcomes">Where the answers go.</param>
/// <param name="limit">The calls that the vendor allows; null for any.</param>
/// <param name="host">What the calls are made with.</param>
/// <param name="waits">Told of a call that has to wait for room: it keeps no thread.</param>
internal sealed class CallAdmission(ClassifyOutcome outcomes, RateLimitLease? limit, StepHost host, Action<StepRun> waits) : IDisposable
{
    private readonly StagePlan plan = outcomes.Plan;
    private readonly AnswerBudget.Account budget = outcomes.Budget;
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Waits until a call may be made, and starts its time.</summary>
    /// <returns>Null if it may be made; else why it may not.</returns>
    public async ValueTask<string?> EnterAsync(StepRun run)
    {
        if (!budget.NeedsNone)
        {
            if (!budget.TryBegin())
            {
                waits(run);
                if (!await budget.BeginAsync(stopping.Token).ConfigureAwait(false))
                {
                    return "The host stopped before the call was made.";
                }

                await host.Threads;
            }

            run.HasRoom = true;
        }

        if (limit is not null)
        {
            var asked = host.Run.Telemetry.BeginLimitWait();
            var entering = limit.EnterAsync();
            var mustWait = !entering.IsCompleted;
            run.Permit = await entering.ConfigureAwait(false);
            host.Run.Telemetry.LimitWaited(plan, asked, run.Permit is not null);
            if (run.Permit is null)
            {
                return "The call missed its permit's time under the rate limit; it was not made.";
            }

            if (mustWait)
            {
                await host.Threads;
            }
        }

        if (host.Credits.IsPaused(plan))
        {
            return "The account with the vendor is used up; the call was not made.";
        }

        host.Credits.Begin(plan);
        run.StartedAt = Math.Max(1, host.Run.Time.GetTimestamp());
        return null;
    }

    /// <summary>A call is over, or was not made: what it took is free.</summary>
    public void Leave(StepRun run)
    {
        run.Permit?.End();
        if (run.HasRoom)
        {
            budget.End(run.Answered);
        }
        else if (run.Answered is { } answered)
        {
            budget.Learn(answered);
        }
    }

    /// <summary>Lets no further call be made: one that waits is told so.</summary>
    public void Stop()
    {
        limit?.Stop();
        _ = stopping.CancelAsync();
    }

    public void Dispose() => stopping.Dispose();
}
