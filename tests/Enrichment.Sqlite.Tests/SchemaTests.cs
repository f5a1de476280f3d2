using System.Text.RegularExpressions;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Tests;

/// <summary>The schema as a file holds it after all migrations: what a change of it changes is read in review.</summary>
public sealed partial class SchemaTests : IDisposable
{
    private readonly TemporaryDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task The_schema_is_as_approved()
    {
        using var store = new SqliteStore(database.Path);
        await store.MigrateAsync(default);
        using var connection = new SqliteConnection(database.ConnectionString);
        connection.Open();
        const string all = "select sql from sqlite_master where sql is not null order by type = 'view', tbl_name, type = 'index', name";
        using var command = new SqliteCommand(all, connection);
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
        {
            lines.Add(Comment().Replace(reader.GetString(0), ""));
        }

        Snapshot.Match(string.Join("\n\n", lines));
    }

    [GeneratedRegex(@"[ \t]*--.*")]
    private static partial Regex Comment();
}
