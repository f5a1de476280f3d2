using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Tests;

/// <summary>
/// When the file is the trouble, the engine is told what it is told of a server that is away: an <see cref="IOException"/>, which it holds
/// on through.
/// </summary>
public sealed class OutOfReachTests : IDisposable
{
    private readonly TemporaryDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Another_process_that_holds_the_right_to_write_puts_the_store_out_of_reach_until_it_lets_go()
    {
        using var store = new SqliteStore(database.Path, new() { BusySeconds = 1 });
        var launched = await Launched.BatchOfAsync(store, 2);
        var claim = (await launched.ClaimAsync())!;
        using (var connection = new SqliteConnection(database.ConnectionString))
        {
            await connection.OpenAsync();
            using var other = connection.BeginTransaction();

            var refused = await Assert.ThrowsAsync<IOException>(() => launched.CompleteAsync(claim));

            Assert.Equal(
                $"The database '{database.Path}' is locked by another process: no statement could run on it for 1 seconds. Look for a process that writes to it, such as a rebuild, a backup or a shell with an open transaction.",
                refused.Message);
            await other.RollbackAsync();
        }

        Assert.Equal([1, 2], await launched.CompleteAsync(claim));
        Assert.Empty(await store.ExamineAsync(default));
    }

    [Theory]
    [InlineData(5, 5, "is locked by another process")]
    [InlineData(6, 262, "is locked by another process")]
    [InlineData(13, 13, "is full")]
    [InlineData(10, 778, "cannot be read or written now")]
    [InlineData(8, 8, "cannot be written now")]
    [InlineData(8, 1032, "cannot be written now")]
    [InlineData(3, 3, "cannot be read or written now")]
    [InlineData(7, 7, "cannot be read or written now")]
    [InlineData(11, 11, "cannot be read or written now")]
    [InlineData(14, 14, "cannot be read or written now")]
    [InlineData(23, 23, "cannot be read or written now")]
    [InlineData(26, 26, "cannot be read or written now")]
    public void A_fault_of_the_file_may_pass(int code, int extended, string words)
    {
        var error = new SqliteException("what SQLite says.", code, extended);

        var away = Assert.IsType<IOException>(new DatabaseFile(database.Path, new()).OutOfReach(error));

        Assert.Contains(words, away.Message, StringComparison.Ordinal);
        Assert.Same(error, away.InnerException);
    }

    [Theory]
    [InlineData(1, "42000")]
    [InlineData(18, "54000")]
    [InlineData(19, "23000")]
    [InlineData(20, "22000")]
    public void A_fault_of_a_statement_or_its_data_has_the_class_that_a_server_gives_it(int code, string state)
    {
        var error = new SqliteException("what SQLite says.", code);

        var told = Assert.IsType<SqliteFault>(new DatabaseFile(database.Path, new()).Told(error));

        Assert.Equal(state, told.SqlState);
        Assert.Same(error, told.InnerException);
    }
}
