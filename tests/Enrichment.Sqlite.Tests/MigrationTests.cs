using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Tests;

/// <summary>The schema, made once by whoever comes first.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly TemporaryDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Hosts_that_race_migrate_once()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => new SqliteStore(database.Path)).ToList();

        await Task.WhenAll(stores.Select(store => Task.Run(() => store.MigrateAsync(default))));

        Assert.Equal("1", Query("select count(*) from migrations"));
        stores.ForEach(store => store.Dispose());
    }

    [Fact]
    public void The_script_makes_the_same_schema_by_hand()
    {
        using var store = new SqliteStore(database.Path);
        Query(store.MigrationScript());
        var byHand = Query("select group_concat(sql, ';' order by name) from sqlite_master");
        using var other = new TemporaryDatabase();
        using var migrated = new SqliteStore(other.Path);

        Assert.True(migrated.MigrateAsync(default).IsCompletedSuccessfully);

        using var connection = new SqliteConnection(other.ConnectionString);
        connection.Open();
        using var command = new SqliteCommand("select group_concat(sql, ';' order by name) from sqlite_master", connection);
        Assert.Equal(byHand, command.ExecuteScalar());
        Assert.True(store.MigrateAsync(default).IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(
        "insert into migrations values (9, '0009_later', 'x', true, 0)",
        "The database has migration 9, which breaks this version: it was migrated by a newer one. Upgrade this host.")]
    [InlineData(
        "update migrations set checksum = 'x'",
        "Migration 1 ('0001_schema') has changed since it was applied to this database. Before the first release such a database cannot be upgraded: make a new one.")]
    public async Task A_database_that_breaks_this_version_is_refused(string change, string refusal)
    {
        using var store = new SqliteStore(database.Path);
        await store.MigrateAsync(default);
        Query(change);

        Assert.Equal(refusal, (await Assert.ThrowsAsync<EnrichmentException>(() => store.MigrateAsync(default))).Message);
    }

    [Fact]
    public async Task A_database_of_an_earlier_preview_is_refused_with_how_to_mend_it()
    {
        using var store = new SqliteStore(database.Path);
        await store.MigrateAsync(default);
        Query("alter table migrations drop column breaks");

        Func<Task>[] uses = [() => store.MigrateAsync(default), () => store.CheckSchemaAsync(default)];
        foreach (var use in uses)
        {
            Assert.Equal(
                $"An earlier preview of Enrichment made the database '{database.Path}'. This version cannot read or upgrade it; it has to be made anew. "
                    + "Move the file away, with the files named like it that end with '-wal' and '-shm'; the next start makes a new one.",
                (await Assert.ThrowsAsync<EnrichmentException>(use)).Message);
        }
    }

    [Fact]
    public async Task A_path_that_can_not_be_opened_is_named()
    {
        var missing = Path.Combine(database.Path, "nowhere", "x.db");
        await File.WriteAllTextAsync(database.Path, "this is no database, but a text of some length");
        using var nowhere = new SqliteStore(missing);
        using var text = new SqliteStore(database.Path);

        Assert.Equal(
            $"The database '{missing}' cannot be opened: its directory does not exist. Make the directory, or name another path.",
            (await Assert.ThrowsAsync<EnrichmentException>(() => nowhere.MigrateAsync(default))).Message);
        Assert.Equal(
            $"The file '{database.Path}' is not a SQLite database. Name another path; the store makes its file itself.",
            (await Assert.ThrowsAsync<EnrichmentException>(() => text.MigrateAsync(default))).Message);
        Assert.StartsWith(
            "The SQLite store needs the path of its file",
            Assert.Throws<EnrichmentException>(() => new SqliteStore(" ")).Message,
            StringComparison.Ordinal);
    }

    private string? Query(string sql)
    {
        using var connection = new SqliteConnection(database.ConnectionString);
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return command.ExecuteScalar()?.ToString();
    }
}
