using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Numbered, forward-only migrations that several hosts may race.</content>
internal sealed partial class PostgreSqlStore
{
    private const string MigrationFolder = "Enrichment.PostgreSql.Migrations.";

    /// <inheritdoc />
    /// <exception cref="EnrichmentException">The schema was migrated by a newer version, or a migration's text has changed since it ran.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        // The types are read anew on a connection of their own, which the pool may have only once this one is back.
        if (await MigrateOnceAsync(cancellationToken).ConfigureAwait(false))
        {
            await database.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> MigrateOnceAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);

        // Functions bind the names in their bodies while they are created: nothing in the session's search path may shadow what they mean.
        await connection.ExecuteAsync("set local search_path = pg_catalog, pg_temp", transaction: transaction).ConfigureAwait(false);
        await RefuseUnfitAsync(connection, transaction).ConfigureAwait(false);

        // Bound to the transaction, so that it holds behind a pooler too, and ends with a killed host. Losers wait here, then find nothing to do.
        await connection.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended(@name, 0))", new { name = $"enrichment:{options.Schema}" }, transaction).ConfigureAwait(false);
        if (!await HasSchemaAsync(connection, transaction, cancellationToken).ConfigureAwait(false))
        {
            await connection.ExecuteAsync(Preamble, transaction: transaction).ConfigureAwait(false);
        }

        var done = await AppliedMigrationsAsync(connection, transaction).ConfigureAwait(false);
        var migrations = Migrations();
        Migration.Refuse(done, migrations);
        foreach (var migration in migrations.Where(migration => !done.ContainsKey(migration.Number)))
        {
            await connection.ExecuteAsync(migration.Sql, transaction: transaction).ConfigureAwait(false);
            await connection.ExecuteAsync(
                $"insert into {Schema}.migrations (number, name, checksum, applied_at) values (@Number, @Name, @Checksum, clock_timestamp())", migration, transaction)
                .ConfigureAwait(false);
        }

        await connection.ExecuteAsync($"select {Schema}.add_months(coalesce(@now, clock_timestamp()))", new { now = Now }, transaction).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return migrations.Count > done.Count;
    }

    /// <summary>Refuses a database in which the engine would fail later, or see empty tables.</summary>
    private async Task RefuseUnfitAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction = null)
    {
        var encoding = await connection.ExecuteScalarAsync<string>("show server_encoding", transaction: transaction).ConfigureAwait(false);
        if (encoding != "UTF8")
        {
            throw new EnrichmentException(
                $"The database '{connection.Database}' is encoded as {encoding}, and leads need UTF8. Create another one: create database leads encoding 'UTF8' template template0.");
        }

        var hidden = (await connection.QueryAsync<(int Invariant, string Detail)>(sql["doctor_1_row_security"], transaction: transaction).ConfigureAwait(false)).AsList();
        if (hidden.Count > 0)
        {
            throw new EnrichmentException(hidden[0].Detail);
        }
    }

    /// <inheritdoc />
    public Task<bool> HasSchemaAsync(CancellationToken cancellationToken) =>
        ReadTwiceAsync(connection => HasSchemaAsync(connection, transaction: null, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<SchemaState> CheckSchemaAsync(CancellationToken cancellationToken) => ReadTwiceAsync(
        async connection =>
        {
            await RefuseUnfitAsync(connection).ConfigureAwait(false);
            var done = await HasSchemaAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false) ? await AppliedMigrationsAsync(connection).ConfigureAwait(false) : [];
            return Migration.StateOf(done, Migrations());
        },
        cancellationToken);

    private Task<bool> HasSchemaAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken) => connection.ExecuteScalarAsync<bool>(
        new CommandDefinition("select to_regclass(@table) is not null", new { table = $"{Schema}.migrations" }, transaction, cancellationToken: cancellationToken));

    private async Task<Dictionary<int, string>> AppliedMigrationsAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction = null) =>
        (await connection.QueryAsync<(int Number, string Checksum)>($"select number, checksum from {Schema}.migrations", transaction: transaction).ConfigureAwait(false))
            .ToDictionary(row => row.Number, row => row.Checksum);

    /// <inheritdoc />
    public string MigrationScript()
    {
        var script = new StringBuilder("begin;\n\n").Append(Preamble).Append(";\n");
        foreach (var migration in Migrations())
        {
            script.Append('\n').Append(migration.Sql.TrimEnd()).Append("\n\n").Append(CultureInfo.InvariantCulture,
                $"insert into {Schema}.migrations (number, name, checksum, applied_at) values ({migration.Number}, '{migration.Name}', '{migration.Checksum}', clock_timestamp());\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $"\nselect {Schema}.add_months(clock_timestamp());\n\ncommit;\n").ToString();
    }

    private string Preamble =>
        $"""
        create schema if not exists {Schema};
        create table if not exists {Schema}.migrations (number int primary key, name text not null, checksum text not null, applied_at timestamptz not null)
        """;

    private IReadOnlyList<Migration> Migrations() => Migration.Of(typeof(PostgreSqlStore).Assembly, MigrationFolder, Schema, WithStatements);

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
