using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Tables;
using Npgsql;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>
/// Writes rows by binary COPY: straight into a table that holds none of them yet, else into a temporary table and from there those that
/// differ.
/// </summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="batch">Whose rows are written.</param>
/// <param name="copy">Copies rows.</param>
/// <param name="copyChildren">The same for each child table.</param>
/// <param name="merge">Then brings them where they belong; empty if they are there.</param>
/// <param name="remove">Removes the rows of items that have none any more; null if there cannot be any.</param>
internal sealed class PostgreSqlTableWriter(
    ProjectionSession session,
    PlannedBatch batch,
    string copy,
    IReadOnlyList<string> copyChildren,
    IReadOnlyList<string> merge,
    string? remove) : TableWriter
{
    private readonly BinaryRows rows = new();
    private readonly BinaryRows[] childRows = [.. copyChildren.Select(_ => new BinaryRows())];
    private readonly List<short> buckets = [];
    private readonly List<int> items = [];
    private readonly List<(short Bucket, int Item)> gone = [];

    public override int Waiting => rows.Length + childRows.Sum(child => child.Length);

    public override void Add(RowEvaluator evaluator)
    {
        buckets.Add(evaluator.Row.Bucket);
        items.Add(evaluator.Row.Item);
        if (!evaluator.HasRow)
        {
            gone.Add((evaluator.Row.Bucket, evaluator.Row.Item));
            return;
        }

        rows.Add(evaluator, batch);
        for (var child = 0; child < childRows.Length; child++)
        {
            childRows[child].Add(evaluator.Children[child], batch, evaluator.Row.Bucket, evaluator.Row.Item);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await CopyAsync(session, copy, rows, cancellationToken).ConfigureAwait(false);
        foreach (var (copyChild, waiting) in copyChildren.Zip(childRows))
        {
            await CopyAsync(session, copyChild, waiting, cancellationToken).ConfigureAwait(false);
        }

        await session.ExecuteAsync(
            merge,
            new()
            {
                ["client"] = batch.Client,
                ["batch"] = batch.Key,
                ["buckets"] = buckets.ToArray(),
                ["items"] = items.ToArray(),
            },
            cancellationToken).ConfigureAwait(false);
        if (remove is not null && gone.Count > 0)
        {
            await session.ExecuteAsync(
                remove,
                new(session.Dialect.Items(gone)) { ["client"] = batch.Client, ["batch"] = batch.Key },
                cancellationToken).ConfigureAwait(false);
        }

        gone.Clear();
        buckets.Clear();
        items.Clear();
    }

    public override ValueTask DisposeAsync() => default;

    /// <summary>Copies rows, if there are any, and forgets them.</summary>
    public static async Task CopyAsync(ProjectionSession session, string copy, BinaryRows rows, CancellationToken cancellationToken)
    {
        if (rows.Length == 0)
        {
            return;
        }

        await using var stream = await ((NpgsqlConnection)session.Connection)
            .BeginRawBinaryCopyAsync(copy, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(BinaryRows.Head, cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync(rows.Written, cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync(BinaryRows.Tail, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.CancelAsync().ConfigureAwait(false);
            throw;
        }

        rows.Clear();
    }
}
