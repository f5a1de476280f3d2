using System.Globalization;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Querying;

/// <summary>Answers a query from the live table, on an open connection.</summary>
/// <param name="session">The projection's statements.</param>
/// <param name="query">The query.</param>
/// <param name="live">The version that is live.</param>
/// <param name="today">The day from which a new walk looks.</param>
internal sealed partial class QueryRun(ProjectionSession session, ProjectionQuery query, TableVersion live, DateOnly today)
{
    private IReadOnlyList<ProjectionColumn> Columns => live.Projection.Columns;

    /// <summary>Finds the live version.</summary>
    /// <exception cref="EnrichmentException">The table was never made, or is missing.</exception>
    public static async Task<QueryRun> BeginAsync(
        ProjectionSession session, ProjectionQuery query, DateOnly today, CancellationToken cancellationToken)
    {
        var registry = await ProjectionRegistry.ReadAsync(session, query.Projection, cancellationToken).ConfigureAwait(false)
            ?? throw new EnrichmentException($"Projection '{session.Name}' has no table yet: consolidate a batch into it first.");
        await PublishedTables.RequireAsync(session, registry.Live, [registry.Live.Table], cancellationToken).ConfigureAwait(false);
        return new(session, query, registry.Live, today);
    }

    public async Task<ProjectedPage> PageAsync(int limit, string? cursor, CancellationToken cancellationToken)
    {
        var (client, hash) = (PageCursor.HashOf(query.Client), Hash());
        var after = cursor is null ? null
            : PageCursor.Read(cursor, client, hash, live.Version, Statement(today).Order(query.Sort));
        var asOf = after?.AsOf ?? today;
        var statement = Statement(asOf);
        var keys = statement.Order(query.Sort);
        statement.Values["limit"] = limit + 1;
        var sql = statement.Page(statement.Where(query), keys, after);

        var rows = new List<(ProjectedRow Row, PageCursor Place)>();
        await using var command = session.Command(sql, statement.Values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var values = new object?[Columns.Count];
            var ordinal = 2;
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = session.Dialect.Read(reader, ref ordinal, Columns[column]);
            }

            var row = new ProjectedRow(reader.GetGuid(0), reader.GetInt32(1), values);
            var batch = reader.GetInt32(ordinal);
            rows.Add((row, new(
                false,
                asOf,
                batch,
                row.Item,
                [.. keys.Select((key, index) => session.Dialect.Read(reader, ordinal + 1 + index, key.Type))])));
        }

        var isMore = rows.Count > limit;
        if (isMore)
        {
            rows.RemoveAt(limit);
        }

        var isBack = after is { IsBack: true };
        if (isBack)
        {
            rows.Reverse();
        }

        string? Cursor(bool exists, Func<PageCursor> place) => exists && rows.Count > 0 ? place().Write(client, hash, live.Version) : null;
        return new(
            live.Projection.ColumnNames,
            [.. rows.Select(row => row.Row)],
            Cursor(isMore || isBack, () => rows[^1].Place),
            Cursor(isBack ? isMore : after is not null, () => rows[0].Place with { IsBack = true }));
    }

    /// <summary>The rows of uploads that the found rows are; with a limit the first in the order of the query.</summary>
    public async Task<QueriedItems> ItemsAsync(int? limit, CancellationToken cancellationToken)
    {
        var statement = Statement(today);
        var sql = statement.Items(statement.Where(query), statement.Order(query.Sort), isOrdered: limit is not null);
        var items = new QueriedItems(live.Version, today);
        await using var command = session.Command(sql, statement.Values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while ((limit is null || items.Count < limit) && await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.GetBoolean(3))
            {
                items.Superseded++;
            }
            else if (reader.GetBoolean(2))
            {
                items.Pruned++;
            }
            else
            {
                items.Add(reader.GetGuid(0), reader.GetInt32(1));
            }
        }

        return items;
    }

    public async Task<RowCount> CountAsync(int? cap, CancellationToken cancellationToken)
    {
        if (await CountedAsync(cancellationToken).ConfigureAwait(false) is { Rows: var all })
        {
            return all > cap ? new(cap.Value, true) : new(all, false);
        }

        var statement = Statement(today);
        var sql = statement.Count(statement.Where(query), cap is not null);
        if (cap is { } most)
        {
            statement.Values["limit"] = most + 1;
        }

        var counted = await session.CountAsync(sql, statement.Values, cancellationToken).ConfigureAwait(false);
        return counted > cap ? new(cap.Value, true) : new(counted, false);
    }

    public async Task<IReadOnlyDictionary<string, long>> AvailabilityAsync(CancellationToken cancellationToken)
    {
        if (Columns.All(column => column.IsCell) && await CountedAsync(cancellationToken).ConfigureAwait(false) is { } counted)
        {
            return new OrderedDictionary<string, long>(
                Columns.Select((column, index) => KeyValuePair.Create(column.Name, counted[index])), StringComparer.Ordinal);
        }

        var statement = Statement(today);
        var sql = statement.Availability(statement.Where(query));
        await using var command = session.Command(sql, statement.Values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new OrderedDictionary<string, long>(
            Columns.Select((column, index) => KeyValuePair.Create(column.Name, reader.GetInt64(index))), StringComparer.Ordinal);
    }

    public async Task<IReadOnlyList<Facet>> FacetsAsync(IReadOnlyList<string> columns, int limit, CancellationToken cancellationToken)
    {
        var check = Statement(today);
        foreach (var column in columns.Select(name => check.Column(name)).Where(column => column.Type == ColumnType.Json))
        {
            throw new EnrichmentException($"{column.Named}, of which no values are counted. Leave it out.");
        }

        // One scan for the columns that no condition is about; of the others each leaves its own conditions out.
        var facets = new Dictionary<string, Facet>(StringComparer.Ordinal);
        foreach (var scan in columns.GroupBy(name =>
            query.Terms.Any(term => IsOwn(term, name)) || check.Column(name).Type == ColumnType.TextList ? name : ""))
        {
            string[] together = [.. scan];
            Condition[] terms = [.. query.Terms.Where(term => together.Length > 1 || !IsOwn(term, together[0]))];
            if (session.Dialect.StoredCell is { } stored && together.Length > 1)
            {
                together = await ReadAsync(stored, together, terms, limit, facets, cancellationToken).ConfigureAwait(false);
            }

            if (together.Length > 0)
            {
                await CountAsync(together, terms, limit, facets, cancellationToken).ConfigureAwait(false);
            }
        }

        return [.. columns.Select(column => facets[column])];
    }

    /// <summary>Counts in one scan. Returns the columns that have too many values for that.</summary>
    private async Task<string[]> ReadAsync(
        StoredCell stored,
        string[] columns,
        Condition[] terms,
        int limit,
        Dictionary<string, Facet> facets,
        CancellationToken cancellationToken)
    {
        var statement = Statement(today);
        var groups = Groups(statement, columns);
        var counts = groups.ConvertAll(group => new ValueCounts(session.Dialect, stored, group));
        var sql = statement.Cells(statement.Where(terms, query.Batch, query.Words), groups);
        await using var command = session.Command(sql, statement.Values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            counts.ForEach(count => count.Add(reader));
        }

        foreach (var (name, count) in columns.Zip(counts).Where(counted => !counted.Second.IsFull))
        {
            facets.Add(name, count.Facet(limit));
        }

        return [.. columns.Where(name => !facets.ContainsKey(name))];
    }

    private static List<FacetGroup> Groups(QueryStatement statement, IEnumerable<string> columns)
    {
        var groups = new List<FacetGroup>();
        foreach (var name in columns)
        {
            groups.Add(new(statement.Column(name), groups.Sum(group => group.Cells.Count)));
        }

        return groups;
    }

    private async Task CountAsync(
        string[] columns, IReadOnlyList<Condition> terms, int limit, Dictionary<string, Facet> facets, CancellationToken cancellationToken)
    {
        const int FirstCell = 3;
        var statement = Statement(today);
        var groups = Groups(statement, columns);

        // One more for the rows without a value.
        statement.Values["limit"] = limit + 1;
        var sql = statement.Facets(statement.Where(terms, query.Batch, query.Words), groups);
        var found = groups.ConvertAll(_ => new List<FacetValue>());
        var (missing, total) = (new long[groups.Count], new long[groups.Count]);
        var cells = groups.Sum(group => group.Cells.Count);
        var marks = groups.Index().ToDictionary(group => ProjectionDialect.Mark(group.Item, cells), group => group.Index);
        await using var command = session.Command(sql, statement.Values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var index = marks[reader.GetInt32(0)];
            var ordinal = FirstCell + groups[index].First;
            var column = groups[index].Column;
            var value = column.Type == ColumnType.TextList
                ? session.Dialect.Read(reader, ordinal, ColumnType.Text)
                : session.Dialect.Read(reader, ref ordinal, column.Column);
            total[index] = reader.GetInt64(2);
            if (value is null)
            {
                missing[index] = reader.GetInt64(1);
            }
            else if (found[index].Count < limit)
            {
                found[index].Add(new(value, reader.GetInt64(1)));
            }
        }

        foreach (var (index, name) in columns.Index())
        {
            facets.Add(name, new(
                name, found[index], total[index] - missing[index] - found[index].Sum(value => value.Rows), missing[index]));
        }
    }

    // What is counted of the client's rows when they are filled; null if the query asks for some of them, or it is not known.
    private async Task<CellCounts?> CountedAsync(CancellationToken cancellationToken)
    {
        if (live.IsKeyed || query.Terms.Length > 0 || query.Words.Count > 0)
        {
            return null;
        }

        var counts = new CellCounts(CellCounts.PlacesOf(live.Projection).Count);
        await using var command = session.Command(session.Dialect.Sql["read_counted"], new(session.Bound(live.Version))
        {
            ["client"] = query.Client,
            ["every"] = query.Batch is null,
            ["id"] = session.Dialect.Id(query.Batch ?? Guid.Empty),
        });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.IsDBNull(0))
            {
                return null;
            }

            counts.Add(reader.GetString(0));
        }

        return counts;
    }

    private static bool IsOwn(Condition term, string column) => term.Fields.All(field => field == column);

    private QueryStatement Statement(DateOnly asOf) => new(session.Dialect, live, query.Client, asOf);

    private string Hash() => PageCursor.HashOf(
        [
            session.Name,
            query.Batch?.ToString() ?? "",
            string.Join(' ', query.Words),
            query.Day?.ToString("O", CultureInfo.InvariantCulture) ?? "",
            string.Join(',', query.Sort.Select(sort => $"{sort.Column} {sort.Descending}")),
            .. query.Terms.Select(term => term.ToString()),
        ]);
}
