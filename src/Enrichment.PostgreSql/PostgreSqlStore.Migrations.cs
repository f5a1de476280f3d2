using System.Globalization;
using System.Text;
using Dapper;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Numbered, forward-only migrations that several hosts may race, and the objects over what they make.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    /// <exception cref="EnrichmentException">
    /// A newer version made a change that breaks this one, or a migration's text has changed since it ran.
    /// </exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        // The types are read again on another connection, which the pool may have only once this one is returned.
        if (await RepeatAsync(MigrateOnceAsync, cancellationToken).ConfigureAwait(false))
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

        // Bound to the transaction, so that it holds behind a pooler too, and ends with a killed host. Losers wait here, then find nothing
        // to do.
        await connection
            .ExecuteAsync(
                "select pg_advisory_xact_lock(hashtextextended(@name, 0))",
                new { name = $"enrichment:{options.Schema}" },
                transaction)
            .ConfigureAwait(false);
        if (!await HasSchemaAsync(connection, transaction, cancellationToken).ConfigureAwait(false))
        {
            await connection.ExecuteAsync(Preamble, transaction: transaction).ConfigureAwait(false);
        }

        var applied = await AppliedMigrationsAsync(connection, transaction).ConfigureAwait(false);
        Known.Refuse(applied);
        var pending = Known.Pending(applied);
        foreach (var migration in pending)
        {
            await connection
                .ExecuteAsync($"{migration.Sql.TrimEnd()}\n{Record(migration)}", transaction: transaction)
                .ConfigureAwait(false);
        }

        var made = await MadeObjectsAsync(connection, transaction).ConfigureAwait(false);
        var outdated = Known.Outdated(made, migrated: pending.Count > 0);
        await MakeAsync(connection, transaction, outdated, made).ConfigureAwait(false);
        await connection
            .ExecuteAsync($"select {Schema}.add_months(coalesce(@now, clock_timestamp()))", new { now = Now }, transaction)
            .ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return pending.Count > 0 || outdated.Count > 0;
    }

    /// <summary>Refuses a database in which the engine would fail later, or see empty tables.</summary>
    private async Task RefuseUnfitAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction = null)
    {
        var encoding = await connection.ExecuteScalarAsync<string>("show server_encoding", transaction: transaction).ConfigureAwait(false);
        if (encoding != "UTF8")
        {
            throw new EnrichmentException(
                $"The database '{connection.Database}' is encoded as {encoding}, but the engine needs UTF8. Create another one: create database leads encoding 'UTF8' template template0.");
        }

        var hidden = await CheckAsync(connection, "doctor_1_row_security", transaction, CancellationToken.None).ConfigureAwait(false);
        if (hidden is [var finding])
        {
            throw new EnrichmentException(finding.Detail);
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
            return await HasSchemaAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false)
                && await AppliedMigrationsAsync(connection).ConfigureAwait(false) is { Count: > 0 } applied
                    ? Known.StateOf(applied, await MadeObjectsAsync(connection).ConfigureAwait(false))
                    : SchemaState.Missing;
        },
        cancellationToken);

    private Task<bool> HasSchemaAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(
                "select to_regclass(@table) is not null",
                new { table = $"{Schema}.migrations" },
                transaction,
                cancellationToken: cancellationToken));

    private async Task<List<AppliedMigration>> AppliedMigrationsAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction = null)
    {
        // As JSON, because a preview made the table without that column.
        var read = $"select m.number, m.checksum, (to_jsonb(m) ->> 'breaks')::boolean as breaks from {Schema}.migrations m";
        var applied = (await connection.QueryAsync<(int Number, string Checksum, bool? Breaks)>(read, transaction: transaction)
            .ConfigureAwait(false)).AsList();
        if (applied.Exists(migration => migration.Breaks is null))
        {
            throw StoreSchema.OfAnEarlierPreview(
                $"the schema {Schema} of the database '{connection.Database}'",
                $"Drop it ('drop schema {Schema} cascade') or configure another schema; then run 'enrich db migrate'.");
        }

        return applied.ConvertAll(migration => new AppliedMigration(migration.Number, migration.Checksum, migration.Breaks!.Value));
    }

    /// <inheritdoc />
    public string MigrationScript()
    {
        var script = new StringBuilder("begin;\n\n").Append(Preamble).Append(";\n");
        var migrations = Known.Migrations.Select(migration => (migration.Sql, Record(migration)));
        foreach (var (text, record) in migrations.Concat(Known.Objects.Select(made => (made.Sql, Record(made)))))
        {
            script.Append('\n').Append(text.TrimEnd()).Append("\n\n").Append(record).Append(";\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $"\nselect {Schema}.add_months(clock_timestamp());\n\ncommit;\n").ToString();
    }

    private string Preamble =>
        $"""
        create schema if not exists {Schema};
        create table if not exists {Schema}.migrations (
            number int primary key, name text not null, checksum text not null, breaks boolean not null, applied_at timestamptz not null)
        """;

    private string Record(Migration migration) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        insert into {Schema}.migrations (number, name, checksum, breaks, applied_at)
        values ({migration.Number}, '{migration.Name}', '{migration.Checksum}', {migration.Breaks}, clock_timestamp())
        """);
}
