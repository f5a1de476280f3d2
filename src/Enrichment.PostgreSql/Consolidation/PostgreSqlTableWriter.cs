using Enrichment.Consolidation;
using Npgsql;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>
/// Writes rows by binary COPY: straight into a table that holds none of them yet, else into a temporary table and from there those that
/// differ.
/// </summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="batch">Whose rows are written.</param>
/// <param name="copy">Copies rows.</param>
/// <param name="merge">Then brings them where they belong; empty if they are there.</param>
internal sealed class PostgreSqlTableWriter(ProjectionSession session, PlannedBatch batch, string copy, IReadOnlyList<string> merge)
    : TableWriter
{
    private readonly BinaryRows rows = new();
    private readonly List<int> items = [];

    public override int Waiting => rows.Length;

    public override void Add(RowEvaluator evaluator)
    {
        items.Add(evaluator.Row.Item);
        if (evaluator.HasRow)
        {
            rows.Add(evaluator, batch);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (rows.Length > 0)
        {
            await CopyAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var statement in merge)
        {
            await session.ExecuteAsync(
                statement, new() { ["batch"] = batch.Key, ["items"] = items.ToArray() }, cancellationToken).ConfigureAwait(false);
        }

        rows.Clear();
        items.Clear();
    }

    public override ValueTask DisposeAsync() => default;

    private async Task CopyAsync(CancellationToken cancellationToken)
    {
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
    }
}
