using Enrichment.Consolidation.Tables;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>
/// The view by which a projection's rows are read. It is replaced in place where PostgreSQL allows that, so that grants and the views of
/// others stay. Where it does not, the view is made anew, and its grants with it; that is refused while another view depends on it.
/// </summary>
internal sealed class PostgreSqlView(ProjectionSession session, PostgreSqlDialect dialect, TableView view)
{
    private readonly Dictionary<string, string> columns =
        view.Columns.ToDictionary(column => column.Name, column => dialect.TypeOf(column.Type));

    private string View => dialect.Table(view.Name);

    /// <summary>Why the view cannot have the projection's columns; null if it can.</summary>
    public async Task<string?> ObstacleAsync(string before, CancellationToken cancellationToken)
    {
        var shown = await ColumnsAsync(before, cancellationToken).ConfigureAwait(false);
        if (before == view.Name && shown.TrueForAll(column => Kept(column, false) is not null))
        {
            return null;
        }

        var dependents = await DependentsAsync(before, cancellationToken).ConfigureAwait(false);
        return dependents.Count == 0 ? null
            : $"The view '{before}' of projection '{session.Name}' cannot lose or change a column, or its name, while another view depends on it: {string.Join(", ", dependents)}. Drop that first and create it again afterwards.";
    }

    /// <param name="before">The view's name until now; null if there is none.</param>
    /// <param name="isRollback">Whether columns that the version lacks may be shown as nulls.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task ShowAsync(string? before, bool isRollback, CancellationToken cancellationToken)
    {
        var shown = before is null ? [] : await ColumnsAsync(before, cancellationToken).ConfigureAwait(false);
        if (shown.Count == 0)
        {
            await CreateAsync([.. columns.Keys.Select(dialect.Quote)], cancellationToken).ConfigureAwait(false);
            return;
        }

        await session.ExecuteAsync("set local lock_timeout = '5s'", [], cancellationToken).ConfigureAwait(false);
        var isReplaceable = before == view.Name
            && shown.TrueForAll(column => Kept(column, isRollback) is not null)
            && (shown.TrueForAll(column => columns.ContainsKey(column.Name))
                || (await DependentsAsync(before, cancellationToken).ConfigureAwait(false)).Count > 0);
        if (isReplaceable)
        {
            var added = columns.Keys.Except(shown.Select(column => column.Name)).Select(dialect.Quote);
            await CreateAsync([.. shown.Select(column => Kept(column, isRollback)!), .. added], cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        if (await ObstacleAsync(before!, cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            throw new EnrichmentException(obstacle);
        }

        var grants = await GrantsAsync(before!, cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync($"drop view {dialect.Table(before!)}", [], cancellationToken).ConfigureAwait(false);
        await CreateAsync([.. columns.Keys.Select(dialect.Quote)], cancellationToken).ConfigureAwait(false);
        foreach (var (privilege, column, grantee) in grants.Where(grant => grant.Column is null || columns.ContainsKey(grant.Column)))
        {
            var on = column is null ? privilege : $"{privilege} ({dialect.Quote(column)})";
            await session.ExecuteAsync($"grant {on} on {View} to {grantee}", [], cancellationToken).ConfigureAwait(false);
        }
    }

    // A column that an older version lacks is null, and one that it has in another type is cast, as far as that cannot fail.
    private string? Kept((string Name, string Type) column, bool isRollback)
    {
        var name = dialect.Quote(column.Name);
        return columns.TryGetValue(column.Name, out var type) switch
        {
            true when type == column.Type => name,
            true when isRollback && (type, column.Type) is ("bigint", "numeric") => $"{name}::{column.Type} as {name}",
            false when isRollback => $"null::{column.Type} as {name}",
            _ => null,
        };
    }

    private Task<int> CreateAsync(
        IReadOnlyList<string> selected, CancellationToken cancellationToken) => session.ExecuteAsync(
        $"create or replace view {View} as select {string.Join(", ", view.EngineColumns.Concat(selected))} from {view.From}",
        [],
        cancellationToken);

    private async Task<List<(string Name, string Type)>> ColumnsAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = session.Command(dialect.Sql["read_view_columns"], new() { ["table"] = name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var columns = new List<(string, string)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!view.EngineColumns.Contains(reader.GetString(0)))
            {
                columns.Add((reader.GetString(0), reader.GetString(1)));
            }
        }

        return columns;
    }

    private async Task<List<string>> DependentsAsync(string view, CancellationToken cancellationToken)
    {
        await using var command = session.Command(dialect.Sql["find_dependents"], new() { ["table"] = view });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var views = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            views.Add(reader.GetString(0));
        }

        return views;
    }

    private async Task<List<(string Privilege, string? Column, string Grantee)>> GrantsAsync(
        string view, CancellationToken cancellationToken)
    {
        await using var command = session.Command(dialect.Sql["read_view_grants"], new() { ["table"] = view });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var grants = new List<(string, string?, string)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            grants.Add((reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetString(2)));
        }

        return grants;
    }
}
