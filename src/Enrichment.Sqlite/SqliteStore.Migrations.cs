using System.Globalization;
using System.Text;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Numbered, forward-only migrations that several processes may race.</content>
internal sealed partial class SqliteStore
{
    private const string MigrationFolder = "Enrichment.Sqlite.Migrations.";

    private const string Preamble =
        "create table if not exists migrations (number integer primary key, name text not null, checksum text not null, applied_at integer not null) strict";

    /// <inheritdoc />
    /// <exception cref="EnrichmentException">The schema was migrated by a newer version, or a migration's text has changed since it ran.</exception>
    public Task MigrateAsync(CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            // The transaction holds the right to write from its beginning: losers of a race wait here, then find nothing to do.
            session.Run(Preamble);
            var done = AppliedMigrations(session.Connection);
            var migrations = Migrations();
            Migration.Refuse(done, migrations);
            foreach (var migration in migrations.Where(migration => !done.ContainsKey(migration.Number)))
            {
                session.Run(migration.Sql);
                session.Run(Record(migration));
            }

            return migrations.Count;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<bool> HasSchemaAsync(CancellationToken cancellationToken) => ReadAsync(HasSchema, cancellationToken);

    /// <inheritdoc />
    public Task<SchemaState> CheckSchemaAsync(CancellationToken cancellationToken) =>
        ReadAsync(session => Migration.StateOf(HasSchema(session) ? AppliedMigrations(session.Connection) : [], Migrations()), cancellationToken);

    private static bool HasSchema(Session session)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = "select count(*) from sqlite_master where type = 'table' and name = 'migrations'";
        return (long)command.ExecuteScalar()! > 0;
    }

    /// <inheritdoc />
    public string MigrationScript()
    {
        var script = new StringBuilder("begin;\n\n").Append(Preamble).Append(";\n");
        foreach (var migration in Migrations())
        {
            script.Append('\n').Append(migration.Sql.TrimEnd()).Append("\n\n").Append(Record(migration)).Append(";\n");
        }

        return script.Append("\ncommit;\n").ToString();
    }

    private static Dictionary<int, string> AppliedMigrations(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select number, checksum from migrations";
        using var reader = command.ExecuteReader();
        var done = new Dictionary<int, string>();
        while (reader.Read())
        {
            done.Add(reader.GetInt32(0), reader.GetString(1));
        }

        return done;
    }

    private static string Record(Migration migration) => string.Create(
        CultureInfo.InvariantCulture,
        $"insert into migrations (number, name, checksum, applied_at) values ({migration.Number}, '{migration.Name}', '{migration.Checksum}', cast(unixepoch('subsec') * 1000 as integer))");

    private static IReadOnlyList<Migration> Migrations() => Migration.Of(typeof(SqliteStore).Assembly, MigrationFolder, schema: "");
}
