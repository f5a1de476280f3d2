using System.Globalization;
using System.Text.RegularExpressions;
using Dapper;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Views and functions, made again whenever their text has changed.</content>
internal sealed partial class PostgreSqlStore
{
    // Raised by the first change of an object after a release: older hosts leave the objects of newer ones alone.
    private const int ObjectsVersion = 12;

    // What "create or replace" refuses: other results, names of parameters or columns. Then the object is dropped.
    private static readonly string[] Irreplaceable =
    [
        PostgresErrorCodes.InvalidFunctionDefinition,
        PostgresErrorCodes.InvalidTableDefinition,
    ];

    private StoreSchema? known;

    /// <summary>What this version knows of the schema. Tests put another version's in its place.</summary>
    internal StoreSchema Known
    {
        get => known ??= Read();
        init => known = value;
    }

    private StoreSchema Read()
    {
        var assembly = typeof(PostgreSqlStore).Assembly;
        var statements = new SqlFiles(assembly, "Enrichment.PostgreSql.Sql.", "{schema}");
        return new(
            Migration.Of(assembly, "Enrichment.PostgreSql.Migrations.", Schema),
            SchemaObject.Of(assembly, "Enrichment.PostgreSql.Objects.", Schema, text => WithStatements(text, statements)),
            ObjectsVersion);
    }

    private async Task MakeAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        IReadOnlyList<SchemaObject> outdated,
        IReadOnlyCollection<MadeObject> made)
    {
        var there = made.Select(known => known.Name).ToHashSet();
        var fresh = outdated.Where(next => !there.Contains(next.Name)).ToList();
        if (fresh.Count > 0)
        {
            var texts = string.Join(";\n", fresh.Select(next => $"{next.Sql.TrimEnd()}\n{Record(next)}"));
            await connection.ExecuteAsync(texts, transaction: transaction).ConfigureAwait(false);
        }

        foreach (var next in outdated.Where(next => there.Contains(next.Name)))
        {
            await MakeAnewAsync(connection, transaction, next).ConfigureAwait(false);
        }
    }

    /// <summary>Replaces an existing object. The new one gets its grants.</summary>
    private async Task MakeAnewAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, SchemaObject next)
    {
        var before = await PlacesAsync(connection, transaction, next.Name).ConfigureAwait(false);
        await transaction.SaveAsync("object").ConfigureAwait(false);
        try
        {
            await connection.ExecuteAsync(next.Sql, transaction: transaction).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (Irreplaceable.Contains(exception.SqlState))
        {
            await transaction.RollbackAsync("object").ConfigureAwait(false);
            await DropAsync(before).ConfigureAwait(false);
            await connection.ExecuteAsync(next.Sql, transaction: transaction).ConfigureAwait(false);
        }

        // An object that has kept its row in the catalog was not replaced: it is a function with other parameters, which would make calls
        // ambiguous.
        var after = await PlacesAsync(connection, transaction, next.Name).ConfigureAwait(false);
        var passedOver = before.Where(place => place.Version is not null && after.Exists(other => other.Version == place.Version));
        await DropAsync(passedOver).ConfigureAwait(false);
        var grants = before.SelectMany(place => place.Grants).Distinct().ToList();
        foreach (var grantable in after.Where(place => before.TrueForAll(other => other.Id != place.Id)).Select(place => place.Grantable))
        {
            foreach (var grant in grants)
            {
                var statement = grant.Replace("{0}", grantable, StringComparison.Ordinal);
                await connection.ExecuteAsync(statement, transaction: transaction).ConfigureAwait(false);
            }
        }

        await connection.ExecuteAsync(Record(next), transaction: transaction).ConfigureAwait(false);

        async Task DropAsync(IEnumerable<ObjectPlace> places)
        {
            foreach (var place in places)
            {
                await connection.ExecuteAsync($"drop {place.Droppable}", transaction: transaction).ConfigureAwait(false);
            }
        }
    }

    private async Task<List<ObjectPlace>> PlacesAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string name) =>
        (await connection.QueryAsync<ObjectPlace>(
            """
            select p.oid::bigint as id, concat(p.oid, '/', p.xmin, '/', p.ctid) as version,
                   format('function %s', p.oid::regprocedure) as droppable, format('function %s', p.oid::regprocedure) as grantable,
                   array(select format('grant %s on {0} to %s', a.privilege_type, a.grantee::regrole)
                           from aclexplode(p.proacl) a
                          where a.grantee not in (0, p.proowner)) as grants
              from pg_proc p
             where p.pronamespace = @schema::regnamespace
               and p.proname = @name
            union all
            select c.oid::bigint, null, format('view %s', c.oid::regclass), format('table %s', c.oid::regclass),
                   array(select format('grant %s on {0} to %s', a.privilege_type, a.grantee::regrole)
                           from aclexplode(c.relacl) a
                          where a.grantee <> c.relowner and a.grantee <> 0)
              from pg_class c
             where c.relnamespace = @schema::regnamespace
               and c.relname = @name
               and c.relkind = 'v'
            """,
            new { schema = Schema, name },
            transaction).ConfigureAwait(false)).AsList();

    private async Task<List<MadeObject>> MadeObjectsAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction = null)
    {
        var sql = $"select name, hash, version from {Schema}.schema_objects";
        return (await connection.QueryAsync<MadeObject>(sql, transaction: transaction).ConfigureAwait(false)).AsList();
    }

    private string Record(SchemaObject made) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        insert into {Schema}.schema_objects (name, hash, version, made_at)
        values ('{made.Name}', '{made.Hash}', {Known.Version}, clock_timestamp())
        on conflict (name) do update set hash = excluded.hash, version = excluded.version, made_at = excluded.made_at
        """);

    /// <summary>
    /// Functions are made of the store's own statements: <c>{sql:claim}</c> at the beginning of a line is that of <c>claim.sql</c>, with
    /// variables <c>_bucket</c> for its parameters <c>@bucket</c>.
    /// </summary>
    private static string WithStatements(string text, SqlFiles statements) =>
        Statement().Replace(text, match => Parameter().Replace(statements[match.Groups["operation"].Value].TrimEnd().TrimEnd(';'), "_$1"));

    [GeneratedRegex(@"(?<=^ +)\{sql:(?<operation>\w+)\}", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Statement();

    [GeneratedRegex(@"@(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();

    /// <summary>A function or view that is there.</summary>
    private sealed record ObjectPlace
    {
        /// <summary>Its number in the catalog, which a replacement keeps.</summary>
        public long Id { get; init; }

        /// <summary>The version of a function's row there, which a replacement changes. Null: a view, which has no namesake.</summary>
        public string? Version { get; init; }

        /// <summary>Its name in a drop statement.</summary>
        public required string Droppable { get; init; }

        /// <summary>What rights are granted on.</summary>
        public required string Grantable { get; init; }

        /// <summary>The grants on it, with <c>{0}</c> for it.</summary>
        public required string[] Grants { get; init; }
    }
}
