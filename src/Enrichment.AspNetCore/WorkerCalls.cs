using System.Text.Json;

namespace Enrichment.AspNetCore;

// The bodies of the requests of external workers.

/// <summary>Asks for work.</summary>
internal sealed record ClaimCall
{
    public required string Step { get; init; }

    public string? Version { get; init; }

    public required string Worker { get; init; }

    public int Limit { get; init; } = 10;

    public double LeaseSeconds { get; init; } = 60;
}

/// <summary>Says what became of items.</summary>
internal sealed record OutcomesCall<TItem>
{
    public required string Lease { get; init; }

    public required IReadOnlyList<TItem> Items { get; init; }
}

/// <summary>An item that was answered. Without a result: the vendor knows nothing of it.</summary>
internal sealed record CompletedItem : IOutcomeItem
{
    public required int Item { get; init; }

    public required int Attempt { get; init; }

    public JsonElement? Result { get; init; }

    public string? Reason { get; init; }

    public decimal? Cost { get; init; }

    public StepOutcome Outcome() =>
        Result is { ValueKind: not JsonValueKind.Null } result ? StepOutcome.Completed(result) : StepOutcome.NotFound(Reason);
}

/// <summary>An item for which there was nothing to do.</summary>
internal sealed record SkippedItem : IOutcomeItem
{
    public required int Item { get; init; }

    public required int Attempt { get; init; }

    public required string Reason { get; init; }

    public decimal? Cost { get; init; }

    public StepOutcome Outcome() => StepOutcome.Skipped(Reason);
}

/// <summary>An item that failed, or of which nobody knows.</summary>
internal sealed record FailedItem : IOutcomeItem
{
    public required int Item { get; init; }

    public required int Attempt { get; init; }

    public required string Reason { get; init; }

    public FailureClass Class { get; init; }

    public decimal? Cost { get; init; }

    public StepOutcome Outcome() => Class switch
    {
        FailureClass.OutcomeUnknown => StepOutcome.Unknown(Reason),
        FailureClass.Configuration => StepOutcome.Failed(Reason, ErrorClass.Configuration),
        FailureClass.InvalidOutput => StepOutcome.Failed(Reason, ErrorClass.InvalidOutput),
        _ => StepOutcome.Failed(Reason),
    };
}

/// <summary>How an item may be said to have failed. What may pass by itself is deferred instead.</summary>
internal enum FailureClass
{
    Permanent,
    Configuration,
    InvalidOutput,
    OutcomeUnknown,
}

/// <summary>An item to be tried again.</summary>
internal sealed record DeferredItem : IOutcomeItem
{
    public required int Item { get; init; }

    public required int Attempt { get; init; }

    public required string Reason { get; init; }

    public double? AfterSeconds { get; init; }

    public bool CountsTry { get; init; } = true;

    // The account with the vendor is used up: all calls with it wait, whatever else is said here.
    public bool OutOfCredits { get; init; }

    public decimal? Cost { get; init; }

    public StepOutcome Outcome()
    {
        // Longer than any patience: the retry policy has a bound of its own.
        TimeSpan? after = AfterSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 1e6)) : null;
        return OutOfCredits ? StepOutcome.OutOfCredits(Reason)
            : CountsTry ? StepOutcome.Retry(Reason, after)
            : StepOutcome.RateLimited(Reason, after);
    }
}

/// <summary>One item's outcome.</summary>
internal interface IOutcomeItem
{
    int Item { get; }

    int Attempt { get; }

    decimal? Cost { get; }

    StepOutcome Outcome();
}

/// <summary>Keeps a lease.</summary>
internal sealed record RenewCall
{
    public required string Lease { get; init; }

    public double LeaseSeconds { get; init; } = 60;
}

/// <summary>Gives a lease back.</summary>
internal sealed record ReleaseCall
{
    public required string Lease { get; init; }
}

/// <summary>The items whose state changed.</summary>
internal sealed record WrittenItems(IReadOnlyList<int> Written);

/// <summary>How many items were left.</summary>
internal sealed record ReleasedItems(int Released);
