using Enrichment.Consolidation;
using Npgsql;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>
/// Writes rows by binary COPY: straight into a table that holds none of them yet, else into a temporary table and from there those that
/// differ.
/// </summary>
internal sealed class PostgreSqlTableWriter(NpgsqlConnection connection, PlannedBatch batch, string copy, string? merge) : TableWriter
{
    private readonly BinaryRows rows = new();

    // Of a key, where the row of its youngest item in this chunk is: a statement may meet a key once only.
    private readonly Dictionary<string, WaitingRow> keyed = new(StringComparer.Ordinal);

    public override int Waiting => rows.Length;

    public override void Add(RowEvaluator evaluator)
    {
        var row = evaluator.Row;
        if (row.Key is not null && keyed.TryGetValue(row.Key, out var other) && other.Item > row.Item)
        {
            return;
        }

        var start = rows.Length;
        rows.Add(evaluator, batch);
        if (row.Key is not null)
        {
            keyed[row.Key] = new(row.Item, start, rows.Length - start);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (rows.Length > 0)
        {
            await CopyAsync(cancellationToken).ConfigureAwait(false);
            if (merge is not null)
            {
                await using var command = connection.Command(merge, null, []);
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        rows.Clear();
        keyed.Clear();
    }

    public override ValueTask DisposeAsync() => default;

    private async Task CopyAsync(CancellationToken cancellationToken)
    {
        await using var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellationToken).ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(BinaryRows.Head, cancellationToken).ConfigureAwait(false);
            if (keyed.Count == 0)
            {
                await stream.WriteAsync(rows.Written, cancellationToken).ConfigureAwait(false);
            }

            foreach (var row in keyed.Values)
            {
                await stream.WriteAsync(rows.Written.Slice(row.Start, row.Length), cancellationToken).ConfigureAwait(false);
            }

            await stream.WriteAsync(BinaryRows.Tail, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private readonly record struct WaitingRow(int Item, int Start, int Length);
}
