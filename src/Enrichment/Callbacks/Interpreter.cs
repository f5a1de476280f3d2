using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Enrichment.External;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Callbacks;

/// <summary>
/// Runs the receiving half of steps over stored deliveries: result, state, next stage and what became of the delivery are one transaction.
/// </summary>
internal sealed class Interpreter(
    IInboxStore store,
    StoreRetry storeRetry,
    OutcomeWriter writer,
    BatchPlans plans,
    StepActivator steps,
    WorkSignal signal,
    WorkerRun run)
{
    private readonly ConcurrentDictionary<(int Batch, short Stage), byte> missing = new();

    // Since when stages are left alone whose deliveries could not be interpreted here: as long as theirs are held, others' are taken.
    private readonly ConcurrentDictionary<(int Batch, short Stage), long> resting = new();

    private long interpreted;

    /// <summary>How many deliveries were interpreted.</summary>
    public long Deliveries => Interlocked.Read(ref interpreted);

    /// <summary>Interprets some of the deliveries that wait.</summary>
    /// <returns>False if there were none.</returns>
    public async Task<bool> InterpretOnceAsync(CancellationToken stop)
    {
        foreach (var (stage, since) in resting.Where(stage => run.Time.GetElapsedTime(stage.Value) > run.Options.Lease))
        {
            resting.TryRemove(new(stage, since));
        }

        // Held as long as a lease: a host that is lost with deliveries in its hands keeps them from others no longer than its items.
        var taken = await store
            .TakeDeliveriesAsync([.. missing.Keys, .. resting.Keys], run.Options.ClaimSize, run.Options.ClaimBytes, run.Options.Lease, stop)
            .ConfigureAwait(false);
        foreach (var range in taken.GroupBy(delivery => delivery.Delivery.Attempt.Range))
        {
            var plan = await plans.FindAsync(range.Key, stop).ConfigureAwait(false);
            if (resting.ContainsKey((range.Key.Batch, range.Key.Stage)))
            {
                continue; // What another of its ranges has just met.
            }

            if (plan.Stage.Manifest.External || steps.Has(plan.Stage))
            {
                await TryInterpretAsync(plan, range.Key, [.. range], stop).ConfigureAwait(false);
            }
            else
            {
                missing.TryAdd((range.Key.Batch, range.Key.Stage), 0); // Another host has the step: they come due for it.
            }
        }

        return taken.Count > 0;
    }

    /// <summary>Interprets the deliveries of one range, whose trouble is no other's.</summary>
    private async Task TryInterpretAsync(StagePlan plan, RangeKey range, List<TakenDelivery> deliveries, CancellationToken stop)
    {
        try
        {
            await InterpretAsync(plan, range, deliveries, stop).ConfigureAwait(false);
            Interlocked.Add(ref interpreted, deliveries.Count);
        }
#pragma warning disable CA1031 // A step's constructor and the host's secret resolver are foreign code. What was taken comes due again.
        catch (Exception exception) when (exception is not OperationCanceledException || !stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            resting[(range.Batch, range.Stage)] = run.Time.GetTimestamp();
            Log.SentWorkFailed(
                run.Logger,
                plan.Batch.Id,
                plan.Number,
                plan.Stage.Manifest.Slug,
                exception is EnrichmentException ? exception.Message : exception.GetType().ToString(),
                exception is EnrichmentException ? null : exception);
        }
    }

    private async Task InterpretAsync(StagePlan plan, RangeKey range, List<TakenDelivery> deliveries, CancellationToken stop)
    {
        var outcomes = plan.Stage.Manifest.External
            ? ReadReports(plan, deliveries)
            : await ReadAsync(plan, deliveries, stop).ConfigureAwait(false);

        if (outcomes.Count > 0)
        {
            run.Instruments.Enter(OutcomeRules.Phase, plan, outcomes.Count);
        }

        if (writer.Reported is { } reports)
        {
            var trials = outcomes.Where(outcome => outcome.Trial is not null);
            await reports.EndTrialsAsync(plan, trials.Select(outcome => (outcome.Reported!, outcome.Trial!.Value))).ConfigureAwait(false);
        }

        var sent = deliveries.Select(taken => (taken.Delivery.Attempt.Item, (TimeSpan?)taken.SinceSent));

        // Each item once a statement: the first delivery decides, the others are told what they found.
        while (outcomes.Count > 0)
        {
            var set = outcomes.DistinctBy(outcome => outcome.Change.Item).ToList();
            outcomes = [.. outcomes.Except(set)];
            var request = new SettleRequest(range, [.. set.Select(outcome => outcome.Change)], [.. set.Select(outcome => outcome.Message)])
            {
                IsRequestBatch = plan.Batch.IsRequestBatch,
                SinceSent = sent,
            };
            var changed = (await writer.SettleAsync(plan, request).ConfigureAwait(false)).Items;
            if (changed.Count > 0)
            {
                signal.Raise();
            }

            if (writer.Reported is not null && plan.Stage.Manifest.External)
            {
                var applied = set.Where(outcome => outcome.Reported is not null && changed.Contains(outcome.Change.Item));
                await writer.Reported.NoteAsync(plan, [.. applied.Select(outcome => outcome.Reported!)]).ConfigureAwait(false);
            }
        }
    }

    private async Task<List<Interpreted>> ReadAsync(
        StagePlan plan,
        List<TakenDelivery> deliveries,
        CancellationToken stop)
    {
        var step = await steps.ReadyAsync(plan, stop).ConfigureAwait(false);
        var outcomes = new List<Interpreted>();
        foreach (var taken in deliveries)
        {
            if (await InterpretAsync(plan, step, taken).ConfigureAwait(false) is { } change)
            {
                outcomes.Add(new(change, taken.Delivery.Message));
            }
        }

        return outcomes;
    }

    /// <summary>What external workers reported, which no step reads.</summary>
    private static List<Interpreted> ReadReports(StagePlan plan, List<TakenDelivery> deliveries)
    {
        var outcomes = new List<Interpreted>(deliveries.Count);
        foreach (var taken in deliveries)
        {
            var (_, item, number) = taken.Delivery.Attempt;
            var sent = new SentItem(item, taken.Generation, number, taken.Tries, taken.KeyGeneration);
            var report = Report(taken);
            if (report.IsGivenBack)
            {
                outcomes.Add(new(OutcomeRules.Withdrawn(sent, report.Reason ?? "The worker gave the task back."), taken.Delivery.Message));
                continue;
            }

            var outcome = report.Outcome();
            outcomes.Add(new(plan.OutcomeRules.OfDelivery(sent, outcome, Random.Shared.NextDouble()), taken.Delivery.Message)
            {
                Reported = outcome,
                Trial = plan.Stage.Limits is null ? null : Trial(taken),
            });
        }

        return outcomes;
    }

    /// <summary>The block whose only call it was, if that was to tell whether a failing vendor answers again.</summary>
    private static long? Trial(TakenDelivery taken) =>
        taken.Delivery.Headers.Contains("\"trial\"", StringComparison.Ordinal)
        && JsonSerializer.Deserialize<Dictionary<string, string>>(taken.Delivery.Headers)!.TryGetValue("trial", out var block)
            ? long.Parse(block, CultureInfo.InvariantCulture)
            : null;

    /// <summary>The worker's word. What cannot be read is an answer that may not be stored.</summary>
    private static TaskReport Report(TakenDelivery taken)
    {
        try
        {
            return TaskReport.Read(taken.Delivery.Body.Span);
        }
        catch (JsonException exception)
        {
            return new()
            {
                Kind = ReportKind.Fail,
                Class = FailureClass.InvalidOutput,
                Reason = $"The worker's report cannot be read: {exception.Message}",
            };
        }
    }

    private async Task<StateChange?> InterpretAsync(StagePlan plan, ReadyStep step, TakenDelivery taken)
    {
        var (range, item, number) = taken.Delivery.Attempt;
        var sent = new SentItem(item, taken.Generation, number, taken.Tries, taken.KeyGeneration);
        try
        {
            var headers = new Dictionary<string, string>(
                JsonSerializer.Deserialize<Dictionary<string, string>>(taken.Delivery.Headers)!,
                StringComparer.OrdinalIgnoreCase);
            var delivery = new CallbackDelivery(headers, taken.Delivery.Body, taken.ReceivedAt);

            // A step that blocks is abandoned, as in a call, and its stage with it: others wait for one of its time-outs in the duration of
            // a lease.
            var outcome =
                await Task.Run(
                        async () =>
                        {
                            await using var use = step.Begin();
                            return (use.Step as ICallbackReceiver)?.Receive(
                                plan.Context(sent, taken.Reference, step.Options, run.Time),
                                delivery);
                        },
                        CancellationToken.None)
                    .WaitAsync(plan.Stage.Timeout, run.Time, CancellationToken.None)
                    .ConfigureAwait(false)
                ?? throw new StepFaultException("the step does not receive deliveries, or it returned null instead of an outcome");
            return plan.OutcomeRules.OfDelivery(sent, step.Told(outcome), Random.Shared.NextDouble());
        }
#pragma warning disable CA1031 // A step's faults are recorded on the delivery, whatever it throws.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var reason = step.Told(exception);
            Log.DeliveryFaulty(run.Logger, item, plan.Batch.Id, range.Stage, exception.GetType().Name);
            await storeRetry.RunAsync(
                async token =>
                {
                    await store.MarkFaultyAsync(taken.Delivery.Attempt, taken.Delivery.Message, reason, token).ConfigureAwait(false);
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
            if (exception is TimeoutException)
            {
                throw;
            }

            return null;
        }
    }

    /// <summary>What a delivery says.</summary>
    /// <param name="Change">What is to be written.</param>
    /// <param name="Message">The delivery.</param>
    private sealed record Interpreted(StateChange Change, string Message)
    {
        /// <summary>The outcome of a call that an external worker made; null for others.</summary>
        public StepOutcome? Reported { get; init; }

        /// <summary>The block of that call, if it was to tell whether a failing vendor answers again.</summary>
        public long? Trial { get; init; }
    }
}
