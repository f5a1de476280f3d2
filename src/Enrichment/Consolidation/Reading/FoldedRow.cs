using System.Data.Common;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Reading;

/// <summary>The row to which an item is folded by columns, as the live table has it, and what each item of its key has.</summary>
/// <param name="session">The projection's statements.</param>
/// <param name="registry">What is registered of it.</param>
internal sealed class FoldedRow(ProjectionSession session, ProjectionRegistry registry)
{
    /// <summary>Of a key with more items, these are told beside those that gave a cell.</summary>
    private const int MostItems = 20;

    private readonly ProjectionDialect dialect = session.Dialect;
    private readonly Projection live = registry.Live.Projection;
    private readonly Dictionary<string, (ProjectionColumn Column, object? Value)> cells = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Reason, string Detail)> issues = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(int Batch, int Item), FoldedItem> items =
        new(Comparer<(int, int)>.Create((one, other) => other.CompareTo(one)));

    private readonly Dictionary<(int Version, int Batch), ProjectionPlan?> plans = [];
    private FoldOrigin origin = null!;
    private bool isYoungest;

    /// <summary>Reads it; null if the live table does not fold columns, or has no row.</summary>
    /// <param name="session">The projection's statements.</param>
    /// <param name="registry">What is registered of it.</param>
    /// <param name="bound">The client, the batch and the item.</param>
    /// <param name="asOf">The day from which expressions look that depend on one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<FoldedRow?> ReadAsync(
        ProjectionSession session,
        ProjectionRegistry registry,
        Dictionary<string, object> bound,
        DateOnly asOf,
        CancellationToken cancellationToken)
    {
        var row = new FoldedRow(session, registry);
        return row.live.FoldsColumns && await row.ReadAsync(bound, asOf, cancellationToken).ConfigureAwait(false) ? row : null;
    }

    /// <summary>An item's own cell as the table has it: folded, with the items among whose cells it was chosen.</summary>
    public ExplainedCell Explain(ExplainedCell own)
    {
        if (!cells.TryGetValue(own.Column, out var cell) || cell.Column.Type.Word() != own.Type)
        {
            return own;
        }

        var keepsIssue = isYoungest && FoldRules.OfYoungest(live).Contains(own.Column);
        var (reason, detail) = issues.TryGetValue(own.Column, out var issue) ? issue
            : keepsIssue ? (own.Issue, own.Detail)
            : (null, null);
        var place = PlaceOf(own.Column);
        return own with
        {
            Value = cell.Value,
            IsDefault = place == RowOrigin.Default,
            Issue = reason,
            Detail = detail,
            Items = place is { } known ? [.. items.Select(item => Candidate(cell.Column, known, item.Key, item.Value))] : [],
        };
    }

    private async Task<bool> ReadAsync(Dictionary<string, object> bound, DateOnly asOf, CancellationToken cancellationToken)
    {
        (short Bucket, int Batch, int Item) row;
        var values = new Dictionary<string, object>(bound);
        await using (var command = session.Command(dialect.SelectFolded(registry.Live, asOf, values), values))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            row = (reader.GetInt16(0), reader.GetInt32(1), reader.GetInt32(2));
            origin = FoldOrigin.Read(reader.GetFieldValue<byte[]>(3));
            var ordinal = 4;
            foreach (var column in live.Columns)
            {
                cells.Add(column.Name, (column, dialect.Read(reader, ref ordinal, column)));
            }
        }

        isYoungest = (row.Batch, row.Item) == ((int)bound["batch"], (int)bound["item"]);
        await ReadItemsAsync(dialect.SelectItemsOfKey(registry.Live, MostItems), bound, cancellationToken).ConfigureAwait(false);
        var others = origin.Items.Append(((int)bound["batch"], (int)bound["item"])).Where(item => !items.ContainsKey(item)).ToList();
        if (others.Count > 0)
        {
            await ReadItemsAsync(dialect.SelectItemsOfKey(registry.Live, others), bound, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (item, found) in items)
        {
            found.Origins = await OriginsAsync(item.Batch, found.Origin, cancellationToken).ConfigureAwait(false);
        }

        await ReadIssuesAsync(row, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task ReadItemsAsync(string sql, Dictionary<string, object> bound, CancellationToken cancellationToken)
    {
        await using var command = session.Command(sql, bound);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var ordinal = 4;
            var has = new Dictionary<string, (object? Value, object? Rank)>(StringComparer.Ordinal);
            foreach (var column in ProjectionDialect.Folded(live))
            {
                var value = dialect.Read(reader, ref ordinal, column);
                has.Add(column.Name, (value, Rank(reader, ref ordinal, column)));
            }

            items.Add((reader.GetInt32(0), reader.GetInt32(2)), new(reader.GetGuid(1), reader.GetFieldValue<byte[]>(3), has));
        }
    }

    private object? Rank(DbDataReader reader, ref int ordinal, ProjectionColumn column) =>
        ProjectionDialect.RankOf(live, column) is { } rank ? dialect.Read(reader, ordinal++, rank.Type) : null;

    // A row that was carried from an earlier version keeps that version's origin.
    private async Task<CellOrigins?> OriginsAsync(int batch, byte[] bytes, CancellationToken cancellationToken)
    {
        var place = (RowOrigin.VersionOf(bytes), batch);
        if (!plans.TryGetValue(place, out var plan))
        {
            plan = registry.DefinitionOf(place.Item1) is { } made
                ? (await session.PlanAsync(made, 0, batch, cancellationToken).ConfigureAwait(false)).Plan
                : null;
            plans.Add(place, plan);
        }

        return plan is null ? null : new(RowOrigin.Read(bytes, plan), plan);
    }

    private async Task ReadIssuesAsync((short Bucket, int Batch, int Item) row, CancellationToken cancellationToken)
    {
        await using var command = session.Command(dialect.Sql["find_folded_issues"], new(session.Bound(registry.Live.Version, row.Batch))
        {
            ["bucket"] = row.Bucket,
            ["item"] = row.Item,
            ["number"] = PlacedIssue.OfFoldedRow,
        });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            issues[reader.GetString(0)] = (reader.GetString(1), reader.GetString(2));
        }
    }

    // Null: the column has no sources, and is computed of the folded cells.
    private byte? PlaceOf(string column)
    {
        var index = live.Stored.Where(stored => stored.HasSources).Select(stored => stored.Name).ToList().IndexOf(column);
        return index < 0 ? null : origin.Places[index];
    }

    private ExplainedCandidate Candidate(ProjectionColumn column, byte place, (int Batch, int Item) key, FoldedItem item)
    {
        var (value, rank) = item.Cells[column.Name];
        var isGiver = place is > RowOrigin.None and < RowOrigin.Uncounted && origin.Items[place - 1] == key;
        var outcome =
            value is null ? CandidateOutcome.Empty
            : place == RowOrigin.Uncounted ? CandidateOutcome.Unknown
            : isGiver || place == RowOrigin.Every ? CandidateOutcome.Chosen
            : CandidateOutcome.NotChosen;
        var source = value is not null && item.Origins?.SourceOf(column) is var (served, read)
            ? item.Origins.Chosen(column, served, read)
            : new("", "");
        return source with
        {
            Outcome = CellOrigins.Word(outcome),
            Value = value,
            Batch = item.Id,
            Item = key.Item,
            Observed = rank is long ticks and > long.MinValue ? new(ticks, TimeSpan.Zero) : null,
            Confidence = rank as decimal?,
        };
    }

    private sealed record FoldedItem(Guid Id, byte[] Origin, Dictionary<string, (object? Value, object? Rank)> Cells)
    {
        public CellOrigins? Origins { get; set; }
    }
}
