using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;

namespace Enrichment.Consolidation.Tables;

/// <summary>The row that the live table has of an item, and where its cells are from.</summary>
internal sealed class StoredRow
{
    private readonly ProjectionPlan plan;
    private readonly object?[] values;

    private StoredRow(ProjectionPlan plan, object?[] values, CellOrigins? origins)
    {
        this.plan = plan;
        this.values = values;
        Origins = origins;
    }

    /// <summary>Where the cells are from; null if the definition by which they were made cannot be read any more.</summary>
    public CellOrigins? Origins { get; }

    /// <summary>Reads the row; null if the table has none, or does not show its batch yet.</summary>
    /// <param name="session">The projection's statements.</param>
    /// <param name="registry">What is registered of it.</param>
    /// <param name="batch">The item's batch.</param>
    /// <param name="item">The item.</param>
    /// <param name="asOf">The day from which expressions look that depend on one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<StoredRow?> ReadAsync(
        ProjectionSession session,
        ProjectionRegistry registry,
        PlannedBatch batch,
        int item,
        DateOnly asOf,
        CancellationToken cancellationToken)
    {
        var live = registry.Live;
        if (registry.DefinitionOf(live.Version) is not { } shown
            || await session.FindTableAsync(live.Table, live.Number, cancellationToken).ConfigureAwait(false) is null)
        {
            return null;
        }

        var bound = new Dictionary<string, object> { ["client"] = batch.Client, ["batch"] = batch.Key, ["item"] = item };
        byte[] origin;
        var values = new object?[shown.Columns.Count];
        await using (var command = session.Command(session.Dialect.SelectItem(live, asOf, bound), bound))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            origin = reader.GetFieldValue<byte[]>(0);
            var ordinal = 1;
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = session.Dialect.Read(reader, ref ordinal, shown.Columns[column]);
            }
        }

        // A row that was carried from an earlier version keeps that version's origin.
        var version = RowOrigin.VersionOf(origin);
        var made = registry.DefinitionOf(version);
        return new(
            await PlanAsync(shown).ConfigureAwait(false),
            values,
            made is not null && await PlanAsync(made).ConfigureAwait(false) is var plan ? new(RowOrigin.Read(origin, plan), plan) : null);

        async Task<ProjectionPlan> PlanAsync(Projection definition) =>
            (await session.PlanAsync(definition, 0, batch.Key, cancellationToken).ConfigureAwait(false)).Plan;
    }

    /// <summary>Explains the row by what it has itself.</summary>
    public ExplainedRow Explain(Guid batch, int item) => new(batch, item, [.. plan.Projection.Columns.Zip(values, Explain)])
    {
        KeyColumns = plan.Projection.Key,
        IsPruned = true,
    };

    /// <summary>The rows that the child tables have of an item. Which source gave a cell is not kept.</summary>
    /// <param name="session">The projection's statements.</param>
    /// <param name="live">The live version.</param>
    /// <param name="batch">The item's batch.</param>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<IReadOnlyList<ExplainedRow>> ReadChildrenAsync(
        ProjectionSession session, TableVersion live, PlannedBatch batch, int item, CancellationToken cancellationToken)
    {
        var rows = new List<ExplainedRow>();
        foreach (var (place, child) in live.Projection.Children.Index())
        {
            if (await session.FindTableAsync(live.ChildTable(place), live.Number, cancellationToken).ConfigureAwait(false) is null)
            {
                continue;
            }

            await using var command = session.Command(
                session.Dialect.SelectChildrenOfItem(live, place),
                new() { ["client"] = batch.Client, ["batch"] = batch.Key, ["item"] = item });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var (ordinal, cells) = (2, new List<ExplainedCell>());
                foreach (var column in child.Visible)
                {
                    cells.Add(new(column.Name, column.Type.Word(), session.Dialect.Read(reader, ref ordinal, column))
                    {
                        Expression = column.Formula,
                        Choose = column.Formula is null ? column.Choose.Word() : null,
                        Candidates =
                        [
                            .. column.Sources.Select(source =>
                                new ExplainedCandidate(source.Words, CellOrigins.Word(CandidateOutcome.Unknown))),
                        ],
                    });
                }

                rows.Add(new(batch.Id, item, cells)
                {
                    Child = child.Name,
                    ChildKey = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0)),
                    Twin = reader.GetInt32(1),
                });
            }
        }

        return rows;
    }

    private ExplainedCell Explain(ProjectionColumn column, object? value) =>
        new(column.Name, column.Type.Word(), value)
        {
            Expression = column.Formula,
            Choose = column.Formula is null ? column.Choose.Word() : null,
            IsDefault = Origins?.Find(column) == RowOrigin.Default,
            Candidates = [.. column.Sources.Select((_, index) => Candidate(column, index + 1, value))],
        };

    private ExplainedCandidate Candidate(ProjectionColumn column, int position, object? value)
    {
        var planned = plan.Columns.First(known => known.Stored.Name == column.Name);
        var place = Origins?.Find(column);
        var served = Origins?.SourceOf(column);
        if (served is var (source, read) && source.Position == position)
        {
            return Origins!.Chosen(column, source, read) with { Value = value };
        }

        var outcome =
            planned.Sources.All(known => known.Position != position) ? CandidateOutcome.NotInBatch
            : place is null || (place == RowOrigin.Every && served is null) ? CandidateOutcome.Unknown
            : CandidateOutcome.NotKept;
        return new(column.Sources[position - 1].Words, CellOrigins.Word(outcome));
    }
}
