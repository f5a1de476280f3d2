using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Numbered, forward-only migrations that several processes may race.</content>
public sealed partial class SqliteStore
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
            Refuse(done, migrations);
            foreach (var migration in migrations.Where(migration => !done.ContainsKey(migration.Number)))
            {
                session.Run(migration.Sql);
                session.Run(migration.Record);
            }

            return migrations.Count;
        },
        cancellationToken);

    /// <inheritdoc />
    public string MigrationScript()
    {
        var script = new StringBuilder("begin;\n\n").Append(Preamble).Append(";\n");
        foreach (var migration in Migrations())
        {
            script.Append('\n').Append(migration.Sql.TrimEnd()).Append("\n\n").Append(migration.Record).Append(";\n");
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

    private static void Refuse(Dictionary<int, string> done, List<Migration> known)
    {
        foreach (var (number, checksum) in done)
        {
            var migration = known.Find(candidate => candidate.Number == number)
                ?? throw new EnrichmentException($"The database has migration {number}, which this version does not know: it was migrated by a newer one. Upgrade this host.");
            if (migration.Checksum != checksum)
            {
                throw new EnrichmentException(
                    $"Migration {number} ('{migration.Name}') has changed since it was applied to this database. Before the first release such a database has to be made anew.");
            }
        }
    }

    private static List<Migration> Migrations()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(MigrationFolder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => Read(assembly, name))];
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        var text = reader.ReadToEnd();
        var name = resource[MigrationFolder.Length..^4];
        return new(
            int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture),
            name,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
            text.Replace("{schema}.", "", StringComparison.Ordinal));
    }

    private sealed record Migration(int Number, string Name, string Checksum, string Sql)
    {
        public string Record => string.Create(
            CultureInfo.InvariantCulture,
            $"insert into migrations (number, name, checksum, applied_at) values ({Number}, '{Name}', '{Checksum}', cast(unixepoch('subsec') * 1000 as integer))");
    }
}
