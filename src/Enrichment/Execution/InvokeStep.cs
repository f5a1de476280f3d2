using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Makes the calls of a wave. Ends when each has an outcome, or is left because the host stops or its lease is lost.</summary>
internal sealed class InvokeStep(CallbackTokens callbacks, StepHost host)
{
    public const string Name = "invoke";

    private readonly WorkerRun run = host.Run;

    /// <summary>Makes the calls. When this returns, they own their permits.</summary>
    public async Task InvokeAsync(Calling calling, Wave wave)
    {
        var work = calling.Work;
        wave.Allowance?.HandOver(wave.Calls.Count);
        run.Instruments.Enter(Name, work.Plan, wave.Calls.Count);
        using var runner = StepRunner.Of(
            new(work.Step!, item => Context(work, item)),
            calling.Outcomes,
            wave.Calls,
            host,
            wave.Allowance?.Lease);
        var running = runner.RunAsync();
        _ = TellAsync(work, runner);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(calling.Stop, calling.Failed, work.CallsLost);
        await run.Time.WaitAsync(running, Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(false);
        if (!running.IsCompleted)
        {
            await StopAsync(runner, running, calling).ConfigureAwait(false);
        }
    }

    private StepContext Context(ClaimedWork work, ClaimedItem item) => work.Tokens.TryGetValue(item.Item, out var token)
        ? work.Plan.Context(item, work.Step!.Options, run.Time, token, callbacks.AddressOf(token))
        : work.Plan.Context(item, work.Step!.Options, run.Time);

    private static async Task TellAsync(ClaimedWork work, StepRunner runner)
    {
        await runner.Begun.ConfigureAwait(false);
        if (runner.OnlyWaits)
        {
            work.SayOnlyAnswersAreMissing();
        }
    }

    private async Task StopAsync(StepRunner runner, Task running, Calling calling)
    {
        var work = calling.Work;
        runner.Stop(item =>
        {
            if (CanWrite())
            {
                calling.Outcomes.NotCalled(item);
            }
        });
        using var either = CancellationTokenSource.CreateLinkedTokenSource(calling.Failed, work.CallsLost);
        await run.Time.WaitAsync(running, run.Options.DrainTimeout, either.Token).ConfigureAwait(false);

        // Again and again, because a call may have been on the point of beginning. A pure step's item simply stays due.
        var outcome = CanWrite() ? StepOutcome.Unknown("The host was stopped during the call.") : null;
        while (!running.IsCompleted)
        {
            runner.Abandon(outcome);
            await run.Time.WaitAsync(running, TimeSpan.FromMilliseconds(20), CancellationToken.None).ConfigureAwait(false);
        }

        bool CanWrite() => work.IsOutside && !work.CallsLost.IsCancellationRequested && !calling.Failed.IsCancellationRequested;
    }
}
