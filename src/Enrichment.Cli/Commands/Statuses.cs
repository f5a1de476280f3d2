using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Cli.Commands;

/// <summary>Batches in words and in JSON.</summary>
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

    public static string? Word(ErrorClass? error) => error is { } known ? JsonNamingPolicy.SnakeCaseLower.ConvertName(known.ToString()) : null;

    public static object Json(Batch batch) => new
    {
        Batch = batch.Id,
        Upload = batch.UploadId,
        batch.Pipeline,
        Status = Word(batch.Status),
        batch.Priority,
        batch.Items,
        LaunchedAt = batch.CreatedAt,
        batch.StartedAt,
        batch.CompletedAt,
        batch.PrunedAt,
    };

    public static IEnumerable<object> Stages(BatchProgress progress) => progress.Stages.Select((stage, index) => new
    {
        Stage = index + 1,
        stage.Step,
        stage.Counts.Pending,
        stage.Counts.InProgress,
        stage.Counts.Completed,
        stage.Counts.Failed,
        stage.Counts.Skipped,
        stage.Counts.Cancelled,
    });
}
