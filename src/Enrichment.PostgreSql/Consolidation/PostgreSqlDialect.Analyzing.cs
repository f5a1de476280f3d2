using Enrichment.Consolidation.Tables;

namespace Enrichment.PostgreSql.Consolidation;

/// <content>What the planner knows of typed tables.</content>
internal sealed partial class PostgreSqlDialect
{
    // A fifth more pages than the planner knows of, and no small table: autovacuum sees to the others within a minute.
    private const string Grown =
        """
        select c.relname
          from unnest(@tables) t (name)
          join pg_class c on c.oid = to_regclass(t.name)
         where pg_relation_size(c.oid) / current_setting('block_size')::int > c.relpages * 1.2 + 1000
        """;

    public override async Task<bool> AnalyzeAsync(ProjectionSession session, TableVersion version, CancellationToken cancellationToken)
    {
        var grown = new List<string>();
        await using (var command = session.Command(Grown, new() { ["tables"] = version.Tables.Select(Table).ToArray() }))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                grown.Add(Table(reader.GetString(0)));
            }
        }

        if (grown.Count > 0)
        {
            await session.ExecuteAsync($"analyze {string.Join(", ", grown)}", [], cancellationToken).ConfigureAwait(false);
        }

        return grown.Count > 0;
    }
}
