using System.Data.Common;

namespace Enrichment.Consolidation;

/// <summary>
/// Fills a table with items of a batch, chunk after chunk: reads what the items have, evaluates it, writes rows and issues.
/// </summary>
/// <param name="session">The projection's statements.</param>
/// <param name="dialect">Reads the documents.</param>
/// <param name="batch">The items' batch.</param>
internal sealed class ProjectionFill(ProjectionSession session, ProjectionDialect dialect, PlannedBatch batch)
{
    /// <summary>Few enough for one statement's memory, enough that a chunk's round trips do not count.</summary>
    public const int ItemsAtOnce = 2000;

    private const int BytesAtOnce = 8 << 20;

    private readonly RowEvaluator evaluator = new(batch.Plan);
    private readonly List<PlacedIssue> issues = [];
    private readonly bool needsTimes = batch.Plan.NeedsTimes;
    private int issueBytes;

    /// <param name="writer">Where the rows go.</param>
    /// <param name="chunks">The items, at most <see cref="ItemsAtOnce"/> in each chunk.</param>
    /// <param name="replace">True if issues of these items may be there.</param>
    /// <param name="cancellationToken">Ends the call; the store rolls back.</param>
    public async Task RunAsync(
        TableWriter writer,
        IAsyncEnumerable<IReadOnlyList<(short Bucket, int Item)>> chunks,
        bool replace,
        CancellationToken cancellationToken)
    {
        await using var command = session.Command(dialect.ReadItems(batch.Plan), new(dialect.Items([]))
        {
            ["batch"] = batch.Key,
            ["upload"] = batch.Upload,
        });
        await foreach (var chunk in chunks.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (replace)
            {
                await session.ForgetIssuesAsync(batch.Key, chunk, cancellationToken).ConfigureAwait(false);
            }

            // Large rows end a chunk early. What is left of it is read again.
            for (var left = chunk; left.Count > 0;)
            {
                left = await ReadAsync(command, left, writer, cancellationToken).ConfigureAwait(false);
                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                await session.AddIssuesAsync(batch.Key, issues, cancellationToken).ConfigureAwait(false);
                issues.Clear();
                issueBytes = 0;
            }
        }
    }

    /// <summary>Evaluates items until the chunk is full. Returns those that are left.</summary>
    private async Task<IReadOnlyList<(short Bucket, int Item)>> ReadAsync(
        DbCommand command,
        IReadOnlyList<(short Bucket, int Item)> items,
        TableWriter writer,
        CancellationToken cancellationToken)
    {
        foreach (var (name, value) in dialect.Items(items))
        {
            command.Parameters[name].Value = value;
        }

        await dialect.PrepareAsync(command, cancellationToken).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var left = items.ToHashSet();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Evaluate(reader, writer);
            left.Remove((evaluator.Row.Bucket, evaluator.Row.Item));
            if (writer.Waiting + issueBytes >= BytesAtOnce)
            {
                return [.. left];
            }
        }

        return [];
    }

    private void Evaluate(DbDataReader reader, TableWriter writer)
    {
        dialect.Load(reader, evaluator, needsTimes);
        evaluator.Evaluate();
        foreach (var issue in evaluator.Row.Issues)
        {
            issues.Add(new(evaluator.Row.Bucket, evaluator.Row.Item, batch.Plan.Cells[issue.Column].Column.Name, issue));
            issueBytes += issue.Value.Length + PlacedIssue.Overhead;
        }

        var number = 0;
        foreach (var rows in evaluator.Children)
        {
            foreach (var (issue, key) in rows.Issues)
            {
                var column = rows.Plan.ColumnOf(issue);
                issues.Add(new(evaluator.Row.Bucket, evaluator.Row.Item, column, issue) { Number = ++number, Key = key });
                issueBytes += issue.Value.Length + PlacedIssue.Overhead;
            }
        }

        if (evaluator.HasRow)
        {
            writer.Add(evaluator);
        }
    }
}
