using System.Diagnostics;
using Enrichment.Plans;

namespace Enrichment.Diagnostics;

/// <content>
/// Spans: of a launch, of each claimed interval, of each call that leaves the process, of each delivery. An item has none of its own,
/// because batches have millions.
/// </content>
internal sealed partial class Telemetry
{
    private const string BatchTag = "batch";
    private const string ClientTag = "client";
    private const string ItemsTag = "items";

    /// <summary>The trace context of the launch in progress, which the batch's work links to; null if there is none.</summary>
    public static string? TraceParent => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null;

    /// <summary>A batch is launched.</summary>
    public Activity? Launching(string pipeline, string client) =>
        source.HasListeners() && source.StartActivity($"launch {pipeline}", ActivityKind.Producer) is { } span
            ? WithClient(span, client)
            : null;

    /// <summary>A batch was launched.</summary>
    public static void Launched(Activity? span, Batch batch) => span?.SetTag(BatchTag, batch.Id).SetTag(ItemsTag, batch.Items);

    /// <summary>A claimed interval is worked on.</summary>
    public Activity? Processing(StagePlan plan, int items) =>
        source.HasListeners() ? Start("process", ActivityKind.Consumer, plan, default, Launch(plan))?.SetTag(ItemsTag, items) : null;

    /// <summary>Items of the interval come to a phase, which the span notes as an event.</summary>
    public void PhaseEntered(string phase, int items)
    {
        if (Activity.Current is { IsAllDataRequested: true } span && span.Source == source)
        {
            span.AddEvent(new(phase, tags: new() { { ItemsTag, items } }));
        }
    }

    /// <summary>A call leaves the process. A pure step makes none.</summary>
    /// <param name="plan">Its stage.</param>
    /// <param name="parent">The interval that it is of: calls begin on threads of their own.</param>
    /// <param name="items">How many items it is for.</param>
    public Activity? Calling(StagePlan plan, ActivityContext parent, int items) =>
        plan.Stage.Manifest.Effects != Effects.Pure && source.HasListeners()
            ? Start("call", ActivityKind.Client, plan, parent, [])?.SetTag(ItemsTag, items)
            : null;

    /// <summary>A delivery with a genuine token came.</summary>
    public Activity? Receiving(StagePlan plan) =>
        source.HasListeners() ? Start("receive", ActivityKind.Server, plan, default, Launch(plan)) : null;

    /// <summary>The answer to a delivery.</summary>
    public static DeliveryAnswer Answered(Activity? span, DeliveryAnswer answer)
    {
        span?.SetTag(TelemetryNames.Outcome, TelemetryNames.Of(answer));
        return answer;
    }

    private static void End(Activity? span, StepOutcome? outcome)
    {
        if (span is null)
        {
            return;
        }

        if (outcome is not null)
        {
            span.SetTag(TelemetryNames.Outcome, TelemetryNames.Of(outcome.Kind));
        }

        // The reason stays out: it may quote what the vendor said of a person.
        if (outcome?.ErrorClass is { } error)
        {
            span.SetTag(TelemetryNames.ErrorType, TelemetryNames.Of(error)).SetStatus(ActivityStatusCode.Error);
        }

        span.Dispose();
    }

    private static ActivityLink[] Launch(StagePlan plan) =>
        ActivityContext.TryParse(plan.Batch.TraceParent, null, isRemote: true, out var launch) ? [new(launch)] : [];

    private Activity? Start(string verb, ActivityKind kind, StagePlan plan, ActivityContext parent, ActivityLink[] links)
    {
        KeyValuePair<string, object?>[] tags =
        [
            new(TelemetryNames.Step, plan.Stage.Manifest.Slug),
            new(TelemetryNames.Provider, plan.Provider),
            new(BatchTag, plan.Batch.Id),
        ];
        return source.StartActivity(kind, parent, tags, links, default, $"{verb} {plan.Stage.Manifest.Slug}") is { } span
            ? WithClient(span, plan.Batch.Client)
            : null;
    }

    private Activity WithClient(Activity span, string client) => clientInSpans ? span.SetTag(ClientTag, client) : span;
}
