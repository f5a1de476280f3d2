using System.Globalization;
using System.Text;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Numbered, forward-only migrations that several processes may race, and the views over what they make.</content>
internal sealed partial class SqliteStore
{
    // Raised by the first change of a view after a release: older hosts leave the objects of newer ones alone.
    private const int ObjectsVersion = 2;

    private const string Preamble =
        """
        create table if not exists migrations (
            number integer primary key, name text not null, checksum text not null, breaks integer not null, applied_at integer not null) strict
        """;

    private const string Clock = "cast(unixepoch('subsec') * 1000 as integer)";

    private StoreSchema? known;

    /// <summary>What this version knows of the schema. Tests put another version's in its place.</summary>
    internal StoreSchema Known
    {
        get => known ??= new(
            Migration.Of(typeof(SqliteStore).Assembly, "Enrichment.Sqlite.Migrations.", schema: ""),
            SchemaObject.Of(typeof(SqliteStore).Assembly, "Enrichment.Sqlite.Objects.", schema: ""),
            ObjectsVersion);
        init => known = value;
    }

    /// <inheritdoc />
    /// <exception cref="EnrichmentException">
    /// A newer version made a change that breaks this one, or a migration's text has changed since it ran.
    /// </exception>
    public Task MigrateAsync(CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            // The transaction holds the right to write from its beginning: losers of a race wait here, then find nothing to do.
            session.Run(Preamble);
            var applied = AppliedMigrations(session.Connection);
            Known.Refuse(applied);
            var pending = Known.Pending(applied);
            foreach (var migration in pending)
            {
                session.Run(migration.Sql);
                session.Run(Record(migration));
            }

            foreach (var next in Known.Outdated(MadeObjects(session.Connection), migrated: pending.Count > 0))
            {
                session.Run($"drop view if exists {next.Name}");
                session.Run(next.Sql);
                session.Run(Record(next));
            }

            return pending.Count;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<bool> HasSchemaAsync(CancellationToken cancellationToken) => ReadAsync(HasSchema, cancellationToken);

    /// <inheritdoc />
    public Task<SchemaState> CheckSchemaAsync(CancellationToken cancellationToken) => ReadAsync(
        session => HasSchema(session) && AppliedMigrations(session.Connection) is { Count: > 0 } applied
            ? Known.StateOf(applied, MadeObjects(session.Connection))
            : SchemaState.Missing,
        cancellationToken);

    private static bool HasSchema(SqliteSession session)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = "select count(*) from sqlite_master where type = 'table' and name = 'migrations'";
        return (long)command.ExecuteScalar()! > 0;
    }

    /// <inheritdoc />
    public string MigrationScript()
    {
        var script = new StringBuilder("begin;\n\n").Append(Preamble).Append(";\n");
        var migrations = Known.Migrations.Select(migration => (migration.Sql, Record(migration)));
        foreach (var (sql, record) in migrations.Concat(Known.Objects.Select(made => (made.Sql, Record(made)))))
        {
            script.Append('\n').Append(sql.TrimEnd()).Append("\n\n").Append(record).Append(";\n");
        }

        return script.Append("\ncommit;\n").ToString();
    }

    private static List<AppliedMigration> AppliedMigrations(SqliteConnection connection)
    {
        if (Read(connection, "select 1 from pragma_table_info('migrations') where name = 'breaks'", _ => true).Count == 0)
        {
            throw StoreSchema.OfAnEarlierPreview(
                $"the database '{connection.DataSource}'",
                "Move the file away, with the files named like it that end with '-wal' and '-shm'; the next start makes a new one.");
        }

        return Read(
            connection,
            "select number, checksum, breaks from migrations",
            row => new AppliedMigration(row.GetInt32(0), row.GetString(1), row.GetBoolean(2)));
    }

    private static List<MadeObject> MadeObjects(SqliteConnection connection) => Read(
        connection,
        "select name, hash, version from schema_objects",
        row => new MadeObject(row.GetString(0), row.GetString(1), row.GetInt32(2)));

    private static List<T> Read<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static string Record(Migration migration) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        insert into migrations (number, name, checksum, breaks, applied_at)
        values ({migration.Number}, '{migration.Name}', '{migration.Checksum}', {migration.Breaks}, {Clock})
        """);

    private string Record(SchemaObject made) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        insert or replace into schema_objects (name, hash, version, made_at)
        values ('{made.Name}', '{made.Hash}', {Known.Version}, {Clock})
        """);
}
