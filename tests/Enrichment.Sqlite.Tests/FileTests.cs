using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Enrichment.Sqlite.Tests;

/// <summary>The database's file: private to its user, locked by what it is and not by its name, and not written once it is gone.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDatabase database = new();

    private string Folder => Path.GetDirectoryName(database.Path)!;

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Every_file_of_the_database_is_readable_by_its_owner_alone()
    {
        using var store = new SqliteStore(database.Path);
        await store.MigrateAsync(default);
        await using var right = await store.AcquireWorkerAsync(Assert.Fail, default);

        var modes = Directory.GetFiles(Folder).ToDictionary(file => Path.GetFileName(file), File.GetUnixFileMode);
        Assert.Equal(
            ["test.db", "test.db-shm", "test.db-wal", "test.db.worker.lock", "test.db.worker.pid"],
            modes.Keys.Order(StringComparer.Ordinal));
        Assert.All(modes, mode => Assert.Equal(Owner, mode.Value));
    }

    [Fact]
    public async Task A_link_planted_where_the_holder_is_noted_is_replaced_and_not_followed()
    {
        var other = Path.Combine(Folder, "other.txt");
        await File.WriteAllTextAsync(other, "mine");
        File.CreateSymbolicLink($"{database.Path}.worker.pid", other);
        using var store = new SqliteStore(database.Path);

        await using var right = await store.AcquireWorkerAsync(Assert.Fail, default);

        Assert.Equal("mine", await File.ReadAllTextAsync(other));
        Assert.Equal(
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            await File.ReadAllTextAsync($"{database.Path}.worker.pid"));
    }

    [Theory]
    [InlineData("link.db")]
    [InlineData("linked/test.db")]
    [InlineData("linked/../test.db")]
    [InlineData("chain.db")]
    public async Task One_file_has_one_worker_however_it_is_named(string name)
    {
        File.CreateSymbolicLink(Path.Combine(Folder, "link.db"), "test.db");
        File.CreateSymbolicLink(Path.Combine(Folder, "chain.db"), Path.Combine(Folder, "link.db"));
        Directory.CreateSymbolicLink(Path.Combine(Folder, "linked"), Folder);
        using var store = new SqliteStore(database.Path);
        using var other = new SqliteStore(Path.Combine(Folder, name));
        using var cancel = new CancellationTokenSource();
        await using var right = await store.AcquireWorkerAsync(Assert.Fail, default);

        var waits = other.AcquireWorkerAsync(_ => cancel.Cancel(), cancel.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
    }

    [Fact]
    public async Task A_relative_path_is_the_same_file()
    {
        using var store = new SqliteStore(database.Path);
        using var other = new SqliteStore(Path.GetRelativePath(Environment.CurrentDirectory, database.Path));
        using var cancel = new CancellationTokenSource();
        await using var right = await store.AcquireWorkerAsync(Assert.Fail, default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.AcquireWorkerAsync(_ => cancel.Cancel(), cancel.Token));
    }

    [Fact]
    public async Task A_database_with_a_hard_link_is_refused()
    {
        using (var store = new SqliteStore(database.Path))
        {
            await store.MigrateAsync(default);
        }

        await ShellAsync("ln", database.Path, database.Path + ".second");
        foreach (var path in new[] { database.Path, database.Path + ".second" })
        {
            using var store = new SqliteStore(path);
            Assert.Contains(
                "hard links",
                (await Assert.ThrowsAsync<EnrichmentException>(() => store.HasSchemaAsync(default))).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_was_moved_is_not_written_and_not_made_anew_until_it_is_back()
    {
        using var store = new SqliteStore(database.Path);
        var launched = await Launched.BatchOfAsync(store, 2);
        File.Move(database.Path, database.Path + ".kept");

        Assert.Contains(
            "deleted, moved or replaced",
            (await Assert.ThrowsAsync<IOException>(() => launched.ClaimAsync())).Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => store.HasSchemaAsync(default));
        Assert.False(File.Exists(database.Path));
        File.Move(database.Path + ".kept", database.Path);
        Assert.NotNull(await launched.ClaimAsync());
    }

    [Fact]
    public async Task A_file_that_was_replaced_is_not_written()
    {
        using var store = new SqliteStore(database.Path);
        var launched = await Launched.BatchOfAsync(store, 2);
        File.Copy(database.Path, database.Path + ".copy");
        File.Move(database.Path + ".copy", database.Path, overwrite: true);

        await Assert.ThrowsAsync<IOException>(() => launched.ClaimAsync());
    }

    [Theory]
    [InlineData("Data Source=leads.db")]
    [InlineData("data source=leads.db;Mode=ReadOnly")]
    [InlineData("Filename=leads.db")]
    [InlineData("file:leads.db?mode=ro")]
    public void A_connection_string_is_no_path(string text)
    {
        Assert.Contains(
            "takes the path",
            Assert.Throws<EnrichmentException>(() => new SqliteStore(text)).Message,
            StringComparison.Ordinal);
        Assert.Throws<EnrichmentException>(() => EnrichmentEngine.Create(e => e.UseSqlite(text)));
    }

    [Fact]
    public async Task Before_anything_was_migrated_a_call_says_what_to_do()
    {
        await using var engine = EnrichmentEngine.Create(e => e.UseSqlite(database.Path));

        Assert.Contains(
            "MigrateAsync",
            (await Assert.ThrowsAsync<EnrichmentException>(() => engine.Client("acme").GetBatchAsync(Guid.NewGuid()))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "MigrateAsync",
            (
                await Assert.ThrowsAsync<EnrichmentException>(() =>
                    engine.Client("acme").UploadAsync(new MemoryStream("a\n1\n"u8.ToArray())))).Message,
            StringComparison.Ordinal);
    }

    private static async Task ShellAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
