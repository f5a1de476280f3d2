using System.Runtime.CompilerServices;
using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Querying;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Exporting;

/// <summary>Writes all rows of a query into a file, as its options say.</summary>
/// <param name="session">The projection's statements, in one snapshot.</param>
/// <param name="query">The query.</param>
/// <param name="live">The version that is live.</param>
/// <param name="asOf">The day from which it looks.</param>
/// <param name="options">What is written, and how.</param>
internal sealed class ExportRun(
    ProjectionSession session, ProjectionQuery query, TableVersion live, DateOnly asOf, ExportOptions options)
{
    private const int ItemColumns = 2;

    private readonly Projection projection = live.Projection;
    private QueriedRows? ahead;
    private long written;

    /// <summary>Writes the file. Returns its record, without what only the whole file tells.</summary>
    /// <exception cref="EnrichmentException">The options do not fit the table, or the format has no place for them.</exception>
    public async Task<Export> WriteAsync(Stream file, CancellationToken cancellationToken)
    {
        var (table, columns, rows) = options.ChildTable is { } name
            ? OfChild(projection.ChildNamed(name), cancellationToken)
            : OfTable(cancellationToken);
        try
        {
            await options.Format.WriteAsync(columns, Counted(rows), file, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await (ahead?.EndAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }

        return new()
        {
            Id = Guid.CreateVersion7(),
            Client = query.Client,
            Projection = session.Name,
            Table = table,
            Version = live.Version,
            Batch = query.Batch,
            Filter = Filter(),
            Sort = [.. query.Sort.Select(sort => sort.Descending ? $"{sort.Column}:desc" : sort.Column)],
            Columns = [.. columns.Select(column => column.Name)],
            AsOf = asOf,
            Format = options.Format.Name,
            By = options.By ?? $"{Environment.UserName}@{Environment.MachineName}",
            Rows = written,
            Bytes = 0,
            Sha256 = default,
            BegunAt = default,
        };
    }

    // The words of a search stand beside the conditions: nothing that chose rows is left out of the record.
    private string? Filter()
    {
        var terms = query.Terms.Select(term => term.ToString()!).ToList();
        if (query.Words.Count > 0)
        {
            terms.Add(JsonSerializer.Serialize(new { search = query.Words }));
        }

        return terms.Count switch
        {
            0 => null,
            1 => terms[0],
            _ => $"{{\"all\":[{string.Join(',', terms)}]}}",
        };
    }

    private (string Table, List<ExportColumn> Columns, IAsyncEnumerable<object?[]> Rows) OfTable(CancellationToken cancellationToken)
    {
        var chosen = Chosen(projection.Table, projection.Columns);
        var children = options.Children.Select(projection.ChildNamed).Distinct().ToList();
        return (
            projection.Table,
            [
                .. chosen.Select(ExportColumns.Of),
                .. options.WithStatus ? ExportColumns.OfStatus : [],
                .. children.Select(child => ExportColumns.Of(projection.Children[child])),
            ],
            RowsAsync(chosen, children, cancellationToken));
    }

    private (string Table, List<ExportColumn> Columns, IAsyncEnumerable<object?[]> Rows) OfChild(
        int child, CancellationToken cancellationToken)
    {
        if (options.WithStatus || options.Children.Count > 0)
        {
            throw new EnrichmentException(
                "Rows of a child table have neither a status of their own nor children. Leave WithStatus and Children out, or export the table itself.");
        }

        var known = projection.Children[child];
        var chosen = Chosen(known.Table, known.Visible);
        return (
            known.Table,
            [.. ExportColumns.OfItem, .. chosen.Select(ExportColumns.Of)],
            ChildRowsAsync(child, chosen, cancellationToken));
    }

    // What each row ends with is looked up for a whole set: a round trip or two for a thousand rows.
    private async IAsyncEnumerable<object?[]> RowsAsync(
        IReadOnlyList<ProjectionColumn> columns,
        IReadOnlyList<int> children,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var status = new ItemStates(session);
        var readers = children.Select(child => new RowChildren(session, live, query.Client, child)).ToList();
        var rows = new QueriedRows(session, query, live, asOf, columns);
        ahead = options.WithStatus || readers.Count > 0 ? null : rows;
        var sets = ahead?.ReadAheadAsync(cancellationToken) ?? rows.ReadAsync(cancellationToken);
        await foreach (var set in sets.ConfigureAwait(false))
        {
            var standings = options.WithStatus ? await status.OfAsync(set, cancellationToken).ConfigureAwait(false) : null;
            var nested = new List<IReadOnlyList<IReadOnlyList<object?>>[]>();
            foreach (var reader in readers)
            {
                nested.Add(await reader.OfAsync(set, null, cancellationToken).ConfigureAwait(false));
            }

            foreach (var (place, row) in set.Index())
            {
                yield return standings is null && nested.Count == 0 ? row.Values
                    : [.. row.Values, .. standings is null ? [] : standings[place], .. nested.Select(ofSet => ofSet[place])];
            }
        }
    }

    private async IAsyncEnumerable<object?[]> ChildRowsAsync(
        int child, IReadOnlyList<ProjectionColumn> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new RowChildren(session, live, query.Client, child);
        await foreach (var set in new QueriedRows(session, query, live, asOf, []).ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var children = await reader.OfAsync(set, columns, cancellationToken).ConfigureAwait(false);
            foreach (var (place, row) in set.Index())
            {
                foreach (var values in children[place])
                {
                    var cells = new object?[ItemColumns + values.Count];
                    (cells[0], cells[1]) = (row.Batch.Id.ToString(), (long)row.Item);
                    for (var column = 0; column < values.Count; column++)
                    {
                        cells[ItemColumns + column] = values[column];
                    }

                    yield return cells;
                }
            }
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<object?>> Counted(IAsyncEnumerable<object?[]> rows)
    {
        await foreach (var row in rows.ConfigureAwait(false))
        {
            written++;
            yield return row;
        }
    }

    private IReadOnlyList<ProjectionColumn> Chosen(string table, IReadOnlyList<ProjectionColumn> known)
    {
        if (options.Columns is not { } names)
        {
            return known;
        }

        if (names.Count == 0 || names.Distinct(StringComparer.Ordinal).Count() < names.Count)
        {
            throw new EnrichmentException("An export has at least one column, and each once. Give the columns, or leave them out for all.");
        }

        return
        [
            .. names.Select(name => known.FirstOrDefault(column => column.Name == name) ?? throw new EnrichmentException(
                $"The table '{table}' has no column '{Excerpt.Of(name)}'.{Nearest.Hint(name, known.Select(column => column.Name))}")),
        ];
    }
}
