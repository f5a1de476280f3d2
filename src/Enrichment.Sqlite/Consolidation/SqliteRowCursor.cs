using System.Data.Common;
using Enrichment.Consolidation.Exporting;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>A reader that stays open: SQLite runs other statements beside it.</summary>
internal sealed class SqliteRowCursor(DbCommand command, DbDataReader reader) : RowCursor
{
    public override async Task<bool> ReadAsync(int most, Func<DbDataReader, bool> read, CancellationToken cancellationToken)
    {
        for (var row = 0; row < most; row++)
        {
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            if (!read(reader))
            {
                break;
            }
        }

        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync().ConfigureAwait(false);
        await command.DisposeAsync().ConfigureAwait(false);
    }
}
