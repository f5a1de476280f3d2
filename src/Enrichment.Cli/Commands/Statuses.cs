using System.Text.Json;

namespace Enrichment.Cli.Commands;

/// <summary>Batches and states in words and in JSON.</summary>
internal static class Statuses
{
    public static string Word(BatchStatus status) => status switch
    {
        BatchStatus.Pending => "pending",
        BatchStatus.Running => "running",
        BatchStatus.Paused => "paused",
        BatchStatus.Completed => "completed",
        BatchStatus.CompletedWithFailures => "completed_with_failures",
        BatchStatus.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A status without a word."),
    };

    public static string Word(Status status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());

    public static Status StatusOf(string word) => Enum.GetValues<Status>().Single(known => Word(known) == word);

    public static string? Word(ErrorClass? error) =>
        error is { } known ? JsonNamingPolicy.SnakeCaseLower.ConvertName(known.ToString()) : null;

    /// <summary>Work that is left to other hosts, each on a line that follows.</summary>
    public static string Lines(IReadOnlyList<MissingStep> missing) =>
        string.Concat(
            missing.Select(step =>
                $"\n  {Plural.Of(step.Items, "item")} of batch {step.Batch} (client {step.Client}) {(step.Items == 1 ? "waits" : "wait")} at stage {step.Stage}"
                + (
                    step.Reason is { } reason
                        ? $" for a host that may call for {step.Step}. Nothing was called: {reason}"
                        : $" for a host with the step {step.Step} {step.Version}: name its file with --vendors, or run a worker that has it.")));

    /// <summary>Why items of a stage wait although their date may have come. Null if nothing holds them back.</summary>
    public static string? Held(StageProgress stage) => stage is { Limit: { Reason: "vendor_credits" } account, Counts.Pending: > 0 }
        ? $"Stage {account.Stage} waits because the account '{account.Name}' is used up. One call at {account.Until:u} tells whether more was bought; 'enrich accounts --resume {account.Name}' goes on at once (vendor_credits)."
        : stage is { Limit: { Reason: { } reason } limit, Counts.Pending: > 0 }
        ? $"Stage {limit.Stage} is held back by the limit '{limit.Name}'{(limit.Until is { } until ? $" until {until:u}" : "")}: {(reason == "breaker" ? "the vendor failed too often, one call will tell whether it answers again" : limit.Until is null ? "all its calls are in flight" : "its calls are given away until then, or the vendor asked to slow down")} ({reason})."
        : null;

    public static object Json(Batch batch) => new
    {
        Batch = batch.Id,
        Upload = batch.UploadId,
        batch.Pipeline,
        Status = Word(batch.Status),
        batch.Priority,
        batch.Items,
        EntityRequests = batch.IsRequestBatch,
        LaunchedAt = batch.CreatedAt,
        batch.StartedAt,
        batch.CompletedAt,
        batch.PrunedAt,
    };

    public static IEnumerable<object> Stages(BatchProgress progress) => progress.Stages.Select((stage, index) => new
    {
        Stage = index + 1,
        stage.Step,
        stage.Pending,
        stage.InProgress,
        stage.Completed,
        stage.Failed,
        stage.Skipped,
        stage.Cancelled,
        Limit = stage.Limit is { } limit ? new { limit.Name, limit.Reason, limit.Until } : null,
    });
}
