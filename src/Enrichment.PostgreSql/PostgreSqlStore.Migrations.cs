using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Enrichment.Storage;

namespace Enrichment.PostgreSql;

/// <content>Numbered, forward-only migrations that several hosts may race.</content>
public sealed partial class PostgreSqlStore
{
    private const string MigrationFolder = "Enrichment.PostgreSql.Migrations.";

    /// <inheritdoc />
    /// <exception cref="EnrichmentException">The schema was migrated by a newer version, or a migration's text has changed since it ran.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);

        // Bound to the transaction, so that it holds behind a pooler too, and ends with a killed host. Losers wait here, then find nothing to do.
        await connection.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended(@name, 0))", new { name = $"enrichment:{options.Schema}" }, transaction).ConfigureAwait(false);
        if (!await connection.ExecuteScalarAsync<bool>("select to_regclass(@table) is not null", new { table = $"{options.Schema}.migrations" }, transaction).ConfigureAwait(false))
        {
            await connection.ExecuteAsync(Preamble, transaction: transaction).ConfigureAwait(false);
        }

        var done = (await connection.QueryAsync<(int Number, string Checksum)>($"select number, checksum from {options.Schema}.migrations", transaction: transaction)
            .ConfigureAwait(false)).ToDictionary(row => row.Number, row => row.Checksum);
        var migrations = Migrations();
        Migration.Refuse(done, migrations);
        foreach (var migration in migrations.Where(migration => !done.ContainsKey(migration.Number)))
        {
            await connection.ExecuteAsync(migration.Sql, transaction: transaction).ConfigureAwait(false);
            await connection.ExecuteAsync(
                $"insert into {options.Schema}.migrations (number, name, checksum, applied_at) values (@Number, @Name, @Checksum, clock_timestamp())", migration, transaction)
                .ConfigureAwait(false);
        }

        await connection.ExecuteAsync($"select {options.Schema}.add_months(coalesce(@now, clock_timestamp()))", new { now = Now }, transaction).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        if (migrations.Count > done.Count)
        {
            await database.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public async Task<bool> HasSchemaAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await connection.ExecuteScalarAsync<bool>("select to_regclass(@table) is not null", new { table = $"{options.Schema}.migrations" }).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public string MigrationScript()
    {
        var script = new StringBuilder("begin;\n\n").Append(Preamble).Append(";\n");
        foreach (var migration in Migrations())
        {
            script.Append('\n').Append(migration.Sql.TrimEnd()).Append("\n\n").Append(CultureInfo.InvariantCulture,
                $"insert into {options.Schema}.migrations (number, name, checksum, applied_at) values ({migration.Number}, '{migration.Name}', '{migration.Checksum}', clock_timestamp());\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $"\nselect {options.Schema}.add_months(clock_timestamp());\n\ncommit;\n").ToString();
    }

    private string Preamble =>
        $"""
        create schema if not exists {options.Schema};
        create table if not exists {options.Schema}.migrations (number int primary key, name text not null, checksum text not null, applied_at timestamptz not null)
        """;

    private IReadOnlyList<Migration> Migrations() => Migration.Of(typeof(PostgreSqlStore).Assembly, MigrationFolder, options.Schema, WithStatements);

    /// <summary>Functions are made of the store's own statements: <c>{sql:claim}</c> at the beginning of a line is that of <c>claim.sql</c>, with variables <c>_bucket</c> for its parameters <c>@bucket</c>.</summary>
    private static string WithStatements(string migration)
    {
        var statements = new SqlFiles(typeof(PostgreSqlStore).Assembly, "Enrichment.PostgreSql.Sql.", "{schema}");
        return Statement().Replace(migration, match => Parameter().Replace(statements[match.Groups["operation"].Value].TrimEnd().TrimEnd(';'), "_$1"));
    }

    [GeneratedRegex(@"(?<=^ +)\{sql:(?<operation>\w+)\}", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Statement();

    [GeneratedRegex(@"@(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
