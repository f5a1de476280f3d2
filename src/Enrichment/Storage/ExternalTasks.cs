using System.Text.Json;

namespace Enrichment.Storage;

/// <summary>Attempts of an external step with their tasks, under a lease.</summary>
internal sealed record HandOutRequest
{
    /// <summary>Checked by token and by the store's clock in the same statement.</summary>
    public required Lease Lease { get; init; }

    /// <summary>The host that holds it.</summary>
    public required string Owner { get; init; }

    /// <summary>The client's slug.</summary>
    public required string Client { get; init; }

    /// <summary>The step's slug.</summary>
    public required string Step { get; init; }

    /// <summary>The step's version.</summary>
    public required string Version { get; init; }

    /// <summary>The step's settings in the batch, a JSON object; null if there are none.</summary>
    public required string? Settings { get; init; }

    /// <summary>How the reports are waited for.</summary>
    public required Sending Sending { get; init; }

    /// <summary>Whether a rate limit gives each call its moment.</summary>
    public required bool Limited { get; init; }

    /// <summary>The tasks.</summary>
    public required IReadOnlyList<TaskStart> Tasks { get; init; }
}

/// <summary>A task that is about to be handed out.</summary>
/// <param name="Attempt">Its attempt.</param>
/// <param name="IdempotencyKey">What a vendor is to be told, so that it recognises a repeated call.</param>
/// <param name="Record">The fields that the step reads, a JSON object.</param>
/// <param name="After">How long from the store's now its call may leave at the earliest.</param>
/// <param name="Until">How long from the store's now it can be fetched.</param>
internal readonly record struct TaskStart(AttemptStart Attempt, string IdempotencyKey, string Record, TimeSpan After, TimeSpan Until)
{
    /// <summary>The block whose only call it is, if that is to tell whether a failing vendor answers again.</summary>
    public long? Trial { get; init; }
}

/// <summary>What is handed out ahead of a stage's workers, and what they want.</summary>
/// <param name="Ahead">How many of the stage's tasks are unfetched.</param>
/// <param name="Wanted">How many tasks the step's workers asked for that were seen a moment ago.</param>
internal readonly record struct TaskDemand(int Ahead, int Wanted);

/// <summary>A worker asks for tasks.</summary>
internal sealed record TaskFetch
{
    /// <summary>The step's slug.</summary>
    public required string Step { get; init; }

    /// <summary>The only version that the worker does; null: it does them all.</summary>
    public string? Version { get; init; }

    /// <summary>The name that the worker gives itself.</summary>
    public required string Worker { get; init; }

    /// <summary>The identity by which it was authenticated.</summary>
    public required string Identity { get; init; }

    /// <summary>The clients whose tasks it may have; <c>*</c> stands for all.</summary>
    public required IReadOnlyCollection<string> Clients { get; init; }

    /// <summary>How many tasks at most.</summary>
    public required int Limit { get; init; }

    /// <summary>How long they are the worker's, unless it extends that.</summary>
    public required TimeSpan Hold { get; init; }

    /// <summary>Told of a failure after some tasks were fetched: the caller gets those, because they are the worker's already.</summary>
    public Action<Exception>? FailedHalfway { get; init; }
}

/// <summary>A task in a worker's hands.</summary>
internal sealed record FetchedTask
{
    /// <summary>The task's name: its key and its token, for everything that the worker says of it.</summary>
    public required string Task { get; init; }

    /// <summary>The public id of the batch.</summary>
    public required Guid Batch { get; init; }

    /// <summary>The stage, from 1.</summary>
    public required short Stage { get; init; }

    /// <summary>The item's number: its row in the upload.</summary>
    public required int Item { get; init; }

    /// <summary>The attempt's number.</summary>
    public required int Attempt { get; init; }

    /// <summary>The version with which the batch was launched.</summary>
    public required string Version { get; init; }

    /// <summary>The step's settings in the batch, secrets by name only; null if there are none.</summary>
    public JsonElement? Settings { get; init; }

    /// <summary>What a vendor is to be told, so that it recognises a repeated call.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>The fields that the step reads, as far as they have a value.</summary>
    public required JsonElement Record { get; init; }

    /// <summary>When its call may leave at the earliest, in seconds from now. Null: its vendor states no limits.</summary>
    public double? CallAfterSeconds { get; init; }

    /// <summary>When its call may leave at the latest.</summary>
    public double? CallBySeconds { get; init; }

    /// <summary>Reads the JSON of a column.</summary>
    public static JsonElement Json(string text) => JsonElement.Parse(text);
}

/// <summary>A task on which a host has to act.</summary>
/// <param name="Item">The item.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Attempt">The attempt that is out.</param>
/// <param name="Tries">The tries that this generation has used before it.</param>
/// <param name="KeyGeneration">See <see cref="ClaimedItem.KeyGeneration"/>.</param>
/// <param name="Fetched">True: a worker has it, and its lock has ended. False: no worker fetched it in its time.</param>
/// <param name="Alone">How often it was lost with its worker while it was alone; null: it was not fetched alone.</param>
/// <param name="Worker">The worker's name.</param>
internal readonly record struct DueTask(
    int Item,
    short Generation,
    int Attempt,
    short Tries,
    short KeyGeneration,
    bool Fetched,
    short? Alone,
    string? Worker);
