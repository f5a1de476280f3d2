using Microsoft.Data.Sqlite;

namespace Enrichment.Cli.Tests;

/// <content>Errors about a store and what it holds.</content>
public sealed partial class ErrorTests
{
    [Fact]
    public async Task A_thing_that_the_store_does_not_have_is_named_in_one_line()
    {
        (await workspace.EnrichAsync("upload", "leads.csv")).Succeeded();

        Assert.Contains(
            "has no batch 019a8f5e",
            Line(await workspace.EnrichAsync("status", "019a8f5e-7c1b-7000-8000-000000000001")),
            StringComparison.Ordinal);
        Assert.Contains("has no batch yet", Line(await workspace.EnrichAsync("status", "last")), StringComparison.Ordinal);
        Assert.Contains(
            "Client 'default' has no batch 019a8f5e",
            Line(await workspace.EnrichAsync("items", "019a8f5e-7c1b-7000-8000-000000000001")),
            StringComparison.Ordinal);
        Assert.Contains("'x' is not a batch", Line(await workspace.EnrichAsync("pause", "x")), StringComparison.Ordinal);
        Assert.Contains(
            "has no upload 019a8f5e",
            Line(await workspace.EnrichAsync("launch", "019a8f5e-7c1b-7000-8000-000000000001", "--pipeline", "normalize")),
            StringComparison.Ordinal);
        Assert.Contains(
            "'x' is not an upload",
            Line(await workspace.EnrichAsync("launch", "x", "--pipeline", "normalize")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_of_SQLite_is_its_file()
    {
        (await workspace.EnrichAsync("upload", "leads.csv", "--store", "sqlite:Data Source=leads.db")).Succeeded();

        Assert.True(File.Exists(workspace.FileNamed("leads.db")));
        Assert.DoesNotContain(Directory.GetFiles(workspace.Folder), file => file.Contains("Source", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_corrupted_store_makes_the_doctor_end_with_1()
    {
        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", "o.csv")).Succeeded();
        await using (var connection = new SqliteConnection($"Data Source={workspace.FileNamed("enrichment.db")};Pooling=False"))
        {
            connection.Open();
            await using var command = connection.CreateCommand();
            command.CommandText = "delete from enrichment_results";
            Assert.NotEqual(0, command.ExecuteNonQuery());
        }

        var run = await workspace.EnrichAsync("doctor", "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(run.Json.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("invariant").GetInt32() == 3);
    }
}
