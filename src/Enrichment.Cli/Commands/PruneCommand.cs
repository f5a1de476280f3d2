using System.CommandLine;
using System.Globalization;
using Enrichment.Retention;

namespace Enrichment.Cli.Commands;

/// <summary>Lets ended batches go.</summary>
internal sealed class PruneCommand : CliCommand
{
    private readonly Argument<string?> batch = new("BATCH")
    {
        Description = BatchId.Description + " Without it: the client's batches that --older-than chooses.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> olderThan = new("--older-than")
    {
        Description = "Batches that ended at least so long ago: days or hours, such as 90d or 12h.",
        HelpName = "TIME",
    };
    private readonly Option<bool> allClients = new("--all-clients") { Description = "With --older-than: the batches of every client." };
    private readonly Option<string?> archive = new("--archive")
    {
        Description = "A folder into which each batch is written before it is deleted, as ID.jsonl.gz.",
        HelpName = "DIR",
    };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Delete nothing; list what would be deleted." };

    public PruneCommand()
        : base(
            "prune",
            "Deletes the items, states and results of ended batches, and the rows of their uploads once no other batch needs them. Their counts, events and rows in typed tables stay. This cannot be undone. "
            + "If it is interrupted, the next 'enrich prune' or any worker finishes it.",
            "enrich prune --older-than 90d --dry-run",
            "enrich prune --older-than 90d --archive archive --all-clients",
            "enrich prune 0198c0de-0000-7000-8000-000000000000")
    {
        Arguments.Add(batch);
        foreach (var option in (Option[])[olderThan, allClients, archive, dryRun])
        {
            Options.Add(option);
        }
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (given, age) = (parsed.GetValue(batch), parsed.GetValue(olderThan));
        if ((given is null) == (age is null))
        {
            throw new EnrichmentException(
                "Name the batches to delete: a BATCH, or --older-than with an age such as 90d. Try 'enrich prune --help'.");
        }

        var span = age is null ? default : SpanOf(age);
        await using var session = await (
            parsed.GetValue(allClients)
                ? Session.OpenForAllAsync(parsed, cancellationToken)
                : Session.OpenAsync(parsed, cancellationToken));
        return given is null
            ? await OldAsync(session, parsed, span, cancellationToken)
            : await OneAsync(session.Client, parsed, await BatchId.FindAsync(session.Client, given, cancellationToken), cancellationToken);
    }

    private async Task<Answer> OldAsync(Session session, ParseResult parsed, TimeSpan span, CancellationToken cancellationToken)
    {
        var options = new PruneOptions
        {
            OlderThan = span,
            Client = parsed.GetValue(allClients) ? null : session.Client.Slug,
            Archive = parsed.GetValue(archive),
            DryRun = parsed.GetValue(dryRun),
        };
        var report = await session.Engine.PruneAsync(options, cancellationToken);
        List<string> lines =
        [
            .. report.Batches.Select(gone =>
                $"{gone.Id}  {Plural.Of(gone.Items, "item")}  {gone.Client}  {gone.Pipeline}  ended {gone.CompletedAt?.UtcDateTime:yyyy-MM-dd HH:mm}Z"),
        ];
        lines.Add(
            options.DryRun
                ? $"{Plural.Of(report.Batches.Count, "batch", "batches")} would be deleted; nothing was changed."
                : $"{Plural.Of(report.Batches.Count, "batch", "batches")} {(report.Batches.Count == 1 ? "was" : "were")} pruned: "
                    + $"{Plural.Of(report.Rows, "row")} deleted, {Plural.Of(report.Months, "month")} of results dropped.");
        if (report.AbandonedUploads > 0)
        {
            lines.Add(
                $"{Plural.Of(report.AbandonedUploads, "unfinished upload")} {(report.AbandonedUploads == 1 ? "was" : "were")} deleted.");
        }

        return new(Json(options.DryRun, report.Batches, report.Rows, report.Months, report.AbandonedUploads), string.Join('\n', lines));
    }

    private async Task<Answer> OneAsync(EnrichmentClient client, ParseResult parsed, Guid id, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(allClients))
        {
            throw new EnrichmentException("--all-clients belongs to --older-than, not to a BATCH.");
        }

        if (parsed.GetValue(dryRun))
        {
            var found = await client.GetBatchAsync(id, cancellationToken);
            var goes = found is { HasEnded: true, PrunedAt: null };
            return new(
                Json(true, goes ? [found] : [], 0, 0),
                $"Batch {id} {(goes ? $"would go with its {Plural.Of(found.Items, "item")}" : found.PrunedAt is null ? "would stay: it has not ended" : "was pruned before")}; nothing was changed.");
        }

        var before = (await client.GetBatchAsync(id, cancellationToken)).PrunedAt;
        var rows = await client.PruneAsync(id, parsed.GetValue(archive), cancellationToken);
        return new(
            Json(false, [await client.GetBatchAsync(id, cancellationToken)], rows, 0),
            before is { } at
                ? $"Batch {id} was pruned before, {at.UtcDateTime:yyyy-MM-dd HH:mm}Z: {Plural.Of(rows, "row")} deleted that {(rows == 1 ? "was" : "were")} left{(parsed.GetValue(archive) is null ? "" : "; nothing is left to archive, and no archive was written")}."
                : $"Batch {id} is pruned: {Plural.Of(rows, "row")} deleted.");
    }

    private static object Json(bool dryRun, IEnumerable<Batch> batches, long rows, int months, int abandonedUploads = 0) => new
    {
        DryRun = dryRun,
        Batches = batches.Select(gone => gone.Id),
        Rows = rows,
        Months = months,
        AbandonedUploads = abandonedUploads,
    };

    private static TimeSpan SpanOf(string text) =>
        int.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number <= 100_000
            ? text[^1] switch
            {
                'd' => TimeSpan.FromDays(number),
                'h' => TimeSpan.FromHours(number),
                _ => throw NoSpan(text),
            }
            : throw NoSpan(text);

    private static EnrichmentException NoSpan(string text) => new($"--older-than takes days or hours, such as 90d or 12h, not '{text}'.");
}
