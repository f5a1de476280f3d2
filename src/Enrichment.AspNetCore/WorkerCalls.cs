using System.Text.Json;
using Enrichment.External;

namespace Enrichment.AspNetCore;

// The bodies of the requests of external workers.

/// <summary>Asks for tasks.</summary>
internal sealed record FetchCall
{
    public required string Step { get; init; }

    public string? Version { get; init; }

    public required string Worker { get; init; }

    public int Limit { get; init; } = 10;

    public double LockSeconds { get; init; } = 60;
}

/// <summary>Says what became of tasks.</summary>
internal sealed record ReportCall<TTask>
{
    public required IReadOnlyList<TTask> Tasks { get; init; }
}

/// <summary>One task's report.</summary>
internal interface IReportedTask
{
    string Task { get; }

    TaskReport Report();
}

/// <summary>A task that was done. Without a result: the vendor knows nothing of the item.</summary>
internal sealed record CompletedTask : IReportedTask
{
    public required string Task { get; init; }

    public JsonElement? Result { get; init; }

    public string? Reason { get; init; }

    public decimal? Cost { get; init; }

    public TaskReport Report() => new() { Kind = ReportKind.Complete, Result = Result, Reason = Reason, Cost = Cost };
}

/// <summary>A task for which there was nothing to do.</summary>
internal sealed record SkippedTask : IReportedTask
{
    public required string Task { get; init; }

    public required string Reason { get; init; }

    public decimal? Cost { get; init; }

    public TaskReport Report() => new() { Kind = ReportKind.Skip, Reason = Reason, Cost = Cost };
}

/// <summary>A task that failed, or whose outcome is unknown.</summary>
internal sealed record FailedTask : IReportedTask
{
    public required string Task { get; init; }

    public required string Reason { get; init; }

    public FailureClass Class { get; init; }

    public decimal? Cost { get; init; }

    public TaskReport Report() => new() { Kind = ReportKind.Fail, Reason = Reason, Class = Class, Cost = Cost };
}

/// <summary>A task that is to be done later.</summary>
internal sealed record DeferredTask : IReportedTask
{
    public required string Task { get; init; }

    public required string Reason { get; init; }

    public DeferReason Why { get; init; }

    public double? AfterSeconds { get; init; }

    public decimal? Cost { get; init; }

    public TaskReport Report() => new() { Kind = ReportKind.Defer, Reason = Reason, Why = Why, AfterSeconds = AfterSeconds, Cost = Cost };
}

/// <summary>Keeps tasks.</summary>
internal sealed record ExtendCall
{
    public required IReadOnlyList<string> Tasks { get; init; }

    public double LockSeconds { get; init; } = 60;
}

/// <summary>Tasks that a worker was given.</summary>
internal sealed record FetchedTasks(IReadOnlyList<Storage.FetchedTask> Tasks);

/// <summary>The tasks of which nothing was written, because this worker does not have them in its hands.</summary>
internal sealed record RefusedTasks(IReadOnlyList<string> Refused);
