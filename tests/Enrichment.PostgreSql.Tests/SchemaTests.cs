using Enrichment.Testing;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>The schema as a database holds it after all migrations: what a change of it changes is read in review.</summary>
public sealed class SchemaTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private const string Schema = "enrichment";

    // Not the months: there are as many as the clock says. Nor "not null" constraints, which only some servers keep as such.
    private const string Catalog = $"""
        with relations as (
            select c.oid, c.relname, c.relkind, c.reloptions
              from pg_class c
             where c.relnamespace = '{Schema}'::regnamespace
               and c.relkind in ('r', 'p', 'v')
               and not c.relispartition)
        select concat_ws(E'\n',
            format('%s %s%s', case r.relkind when 'v' then 'view' else 'table' end, r.relname, concat(' partition by ' || pg_get_partkeydef(r.oid), ' with (' || array_to_string(r.reloptions, ', ') || ')')),
            (select string_agg(format('    %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' end,
                                      case when a.attidentity <> '' then ' identity'
                                           when a.attgenerated <> '' then ' generated ' || pg_get_expr(d.adbin, d.adrelid)
                                           when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) end), E'\n' order by a.attnum)
               from pg_attribute a
               left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
              where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped),
            (select string_agg(format('    %s: %s', n.conname, pg_get_constraintdef(n.oid)), E'\n' order by n.conname)
               from pg_constraint n
              where n.conrelid = r.oid and n.contype <> 'n'),
            (select string_agg(replace(pg_get_indexdef(i.indexrelid), 'CREATE ', '    '), E'\n' order by i.indexrelid::regclass::text collate "C")
               from pg_index i
              where i.indrelid = r.oid and not exists (select 1 from pg_constraint n where n.conindid = i.indexrelid)))
          from relations r
         order by r.relkind = 'v', r.relname
        """;

    private const string Functions = $"""
        select format('function %s(%s) returns %s%s%s', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
                      concat(case when p.prosecdef then ', as its owner' end, ', set ' || array_to_string(p.proconfig, ', ')),
                      case when exists (select 1 from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0) then '' else ', granted to nobody' end)
          from pg_proc p
         where p.pronamespace = '{Schema}'::regnamespace
         order by p.proname, pg_get_function_arguments(p.oid) collate "C"
        """;

    private const string Types = $"""
        select format('type %s (%s)', c.relname,
                      (select string_agg(format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
                         from pg_attribute a
                        where a.attrelid = c.oid and a.attnum > 0))
          from pg_class c
         where c.relnamespace = '{Schema}'::regnamespace
           and c.relkind = 'c'
         order by c.relname
        """;

    [Fact]
    public async Task The_schema_is_as_approved()
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await new PostgreSqlStore(source, new() { Schema = Schema, Clock = new FakeClock() }).MigrateAsync(default);

        var relations = await ReadAsync(source, Catalog);
        var rest = (await ReadAsync(source, Types)).Concat(await ReadAsync(source, Functions));
        Snapshot.Match($"{string.Join("\n\n", relations)}\n\n{string.Join('\n', rest)}\n");
    }

    [Fact]
    public async Task The_script_makes_what_migrating_makes()
    {
        await using var other = await PostgresDatabase.CreateAsync();
        await using var migrated = NpgsqlDataSource.Create(database.ConnectionString);
        await using var scripted = NpgsqlDataSource.Create(other.ConnectionString);
        var store = new PostgreSqlStore(migrated, new() { Schema = Schema, Clock = new FakeClock() });
        await store.MigrateAsync(default);
        await using (var script = scripted.CreateCommand(store.MigrationScript()))
        {
            await script.ExecuteNonQueryAsync();
        }

        const string objects = $"select concat_ws(' ', name, hash, version) from {Schema}.schema_objects order by name";
        const string migrations = $"select concat_ws(' ', number, name, checksum, breaks) from {Schema}.migrations";
        foreach (var catalog in (string[])[Catalog, Types, Functions, objects, migrations])
        {
            Assert.Equal(await ReadAsync(migrated, catalog), await ReadAsync(scripted, catalog));
        }
    }

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
