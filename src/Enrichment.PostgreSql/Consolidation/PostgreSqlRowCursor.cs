using System.Data.Common;
using System.Globalization;
using Enrichment.Consolidation.Exporting;
using Enrichment.Consolidation.Tables;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>A cursor of the server, which ends with its transaction: a connection reads one result at a time.</summary>
internal sealed class PostgreSqlRowCursor(ProjectionSession session) : RowCursor
{
    private const string Name = "enrichment_rows_of_export";

    /// <summary>Declares the cursor. All of its rows are read, so that the plan is the one that reads them all soonest.</summary>
    public static async Task<PostgreSqlRowCursor> OpenAsync(
        ProjectionSession session, string sql, Dictionary<string, object> values, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("set local cursor_tuple_fraction = 1", [], cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync($"declare {Name} no scroll cursor for {sql}", values, cancellationToken).ConfigureAwait(false);
        return new(session);
    }

    // The rows of a set that its reader does not take are lost, so that all are given to it.
    public override async Task<bool> ReadAsync(int most, Func<DbDataReader, bool> read, CancellationToken cancellationToken)
    {
        await using var command = session.Command(
            string.Create(CultureInfo.InvariantCulture, $"fetch forward {most} from {Name}"), []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var count = 0;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            read(reader);
            count++;
        }

        return count == most;
    }

    public override ValueTask DisposeAsync() => default;
}
