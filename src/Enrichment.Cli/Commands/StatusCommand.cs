using System.CommandLine;
using Enrichment.Cli.Files;

namespace Enrichment.Cli.Commands;

/// <summary>A client's batches, or one of them stage by stage.</summary>
internal sealed class StatusCommand : CliCommand
{
    private const int ShownFailures = 5;
    private readonly Argument<string?> batch = new("BATCH")
    {
        Description = BatchId.Description + " Without it: all batches, the youngest first.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public StatusCommand()
        : base(
            "status",
            "Shows the client's batches, or one batch: its stages with their counts, and why items failed.",
            "enrich status",
            "enrich status last --json")
    {
        Arguments.Add(batch);
        LimitOption.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        return parsed.GetValue(batch) is { } given
            ? await OneAsync(session.Client, await BatchId.FindAsync(session.Client, given, cancellationToken), cancellationToken)
            : await AllAsync(session.Client, parsed, cancellationToken);
    }

    private static async Task<Answer> AllAsync(EnrichmentClient client, ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new Listing(parsed, "batches", "batch", "status", ">items", "pipeline", "launched", "pruned")
        {
            About = new { Client = client.Slug },
            Nothing = $"Client '{client.Slug}' has no batch yet.",
        };
        await foreach (var batch in client.ListBatchesAsync(cancellationToken))
        {
            await list.AddAsync(
                Statuses.Json(batch),
                $"{batch.Id}",
                Statuses.Word(batch.Status),
                $"{batch.Items:n0}",
                batch.Pipeline,
                $"{batch.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z",
                $"{batch.PrunedAt?.UtcDateTime:yyyy-MM-dd}");
        }

        return await list.EndAsync();
    }

    private static async Task<Answer> OneAsync(EnrichmentClient client, Guid id, CancellationToken cancellationToken)
    {
        var progress = await client.GetProgressAsync(id, cancellationToken);
        var failures = await FailedAsync(client, progress, cancellationToken)
            .GroupBy(state => (state.Stage, state.ErrorClass, state.Error))
            .Select(group => (group.Key.Stage, group.Key.ErrorClass, group.Key.Error, Items: group.Count()))
            .OrderByDescending(failure => failure.Items)
            .ToListAsync(cancellationToken);
        var savings = progress.Batch.PrunedAt is null ? await client.ListSavingsAsync(id, cancellationToken) : [];
        List<string> lines =
        [
            Line(progress.Batch),
            .. Requests(progress),
            .. progress.Stages.Select(Line),
            .. savings.Select(Line),
            .. Open(progress),
            .. progress.Stages.Select(Statuses.Held).OfType<string>().Select(line => $"  {line}"),
        ];
        lines.AddRange(
            failures
                .Take(ShownFailures)
                .Select(failure =>
                    $"  {failure.Items:n0} failed at stage {failure.Stage} ({Statuses.Word(failure.ErrorClass)}): {Visible.Line(failure.Error ?? "")}"));
        if (failures.Count > ShownFailures)
        {
            lines.Add($"  … and {failures.Count - ShownFailures:n0} other reasons; --json lists them all.");
        }

        return new(
            new
            {
                Batch = Statuses.Json(progress.Batch),
                Requests = progress.Batch.IsRequestBatch ? Made(progress) : (int?)null,
                progress.Ended,
                progress.Failed,
                Stages = Statuses.Stages(progress),
                Savings = savings,
                Failures = failures.Select(failure => new
                {
                    failure.Stage,
                    ErrorClass = Statuses.Word(failure.ErrorClass),
                    failure.Error,
                    failure.Items,
                }),
            },
            string.Join('\n', lines));
    }

    // The counts tell whether there is anything to look for; of a pruned batch they are all that is left.
    private static IAsyncEnumerable<ItemState> FailedAsync(
        EnrichmentClient client,
        BatchProgress progress,
        CancellationToken cancellationToken) =>
        progress.Batch.PrunedAt is null && progress.Stages.Any(stage => stage.Failed > 0)
            ? client.ReadStatesAsync(progress.Batch.Id, Status.Failed, cancellationToken)
            : AsyncEnumerable.Empty<ItemState>();

    private static int Made(BatchProgress progress) =>
        progress.Stages.Sum(stage =>
            stage.Counts is var c ? c.Pending + c.InProgress + c.Completed + c.Failed + c.Skipped + c.Cancelled : 0);

    private static IEnumerable<string> Requests(BatchProgress progress)
    {
        if (progress.Batch.IsRequestBatch)
        {
            yield return $"  {Plural.Of(Made(progress), "request")}: one call for each company or person that items of other batches wait for, made this month.";
        }
    }

    // As far as the maintained counts tell: only an item's own state says what it waits for.
    private static IEnumerable<string> Open(BatchProgress progress)
    {
        var (pending, sent) = (progress.Stages.Sum(stage => stage.Pending), progress.Stages.Sum(stage => stage.InProgress));
        if (pending + sent > 0)
        {
            var id = progress.Batch.Id;
            yield return $"  Open: {pending:n0} wait for a worker or their date{(progress.Batch.Status == BatchStatus.Paused ? $", which the pause holds ('enrich resume {id}')" : "")}; {sent:n0} wait for an answer."
                + $" 'enrich items {id} --status pending --status in_progress' says for what each, and until when.";
        }
    }

    private static string Line(Batch batch) =>
        $"{batch.Id}  {Statuses.Word(batch.Status)}  {(batch.IsRequestBatch ? "entity requests" : Plural.Of(batch.Items, "item"))}  {batch.Pipeline}  {batch.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z"
        + (batch.PrunedAt is { } pruned ? $"  pruned {pruned.UtcDateTime:yyyy-MM-dd}" : "");

    private static string Line(EntitySavings savings) =>
        $"  Stage {savings.Stage}: {Plural.Of(savings.Items, "item")} {(savings.Items == 1 ? "has" : "have")} an answer for their entity,"
        + $" which saved {Plural.Of(savings.CallsSaved, "call")}{(savings.CostSaved is { } cost ? $" and {cost:0.##} credits" : "")}.";

    private static string Line(StageProgress stage, int index) =>
        $"  {index + 1}. {stage.Step,-24} {stage.Completed,9:n0} completed {stage.Skipped,9:n0} skipped {stage.Failed,9:n0} failed {stage.Pending + stage.InProgress,9:n0} open"
        + (stage.Cancelled == 0 ? "" : $" {stage.Cancelled,9:n0} cancelled");
}
