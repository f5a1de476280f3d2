using System.Text.Json;

namespace Enrichment.Cli.Tests;

public sealed class UploadsCommandTests : IDisposable
{
    private const int BadInput = 2;
    private readonly Workspace workspace = new();

    public UploadsCommandTests() => workspace.Write("leads.csv", Workspace.Leads);

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task A_dry_run_shows_columns_and_rejections_and_makes_no_database()
    {
        var told = (await workspace.EnrichAsync("upload", "leads.csv", "--workstream", "apollo_scrape", "--dry-run")).Succeeded().Output;
        var json = (await workspace.EnrichAsync("upload", "leads.csv", "--dry-run", "--json")).Succeeded().Json;

        Assert.StartsWith("3 rows, 2 accepted, 1 rejected; apollo_scrape, delimited, utf-8. Nothing was stored.\n", told, StringComparison.Ordinal);
        Assert.Contains("column 3 Email: person.email, 100 % filled; Jane.OToole@Northwind.EXAMPLE, bob@gmail.com\n", told, StringComparison.Ordinal);
        Assert.Contains("column 8 Notes: feeds no field", told, StringComparison.Ordinal);
        Assert.Contains("  row 3 (line 5) would be rejected: ", told, StringComparison.Ordinal);
        Assert.Equal("person.email", json.GetProperty("columns")[2].GetProperty("field").GetString());
        Assert.False(File.Exists(workspace.FileNamed("enrichment.db")));
    }

    [Fact]
    public async Task Uploads_are_listed_shown_read_mended_and_deleted()
    {
        (await workspace.EnrichAsync("upload", "leads.csv", "--workstream", "apollo_scrape")).Succeeded();

        var listed = Assert.Single((await workspace.EnrichAsync("uploads", "--unlaunched", "--file", "LEADS", "--json")).Succeeded()
            .Json.GetProperty("uploads").EnumerateArray());
        var id = listed.GetProperty("upload").GetString()!;
        Assert.Equal((2, 1, 0), (Number(listed, "accepted"), Number(listed, "rejected"), Number(listed, "batches")));
        Assert.Contains("No upload of client", (await workspace.EnrichAsync("uploads", "--until", "2020-01-01")).Succeeded().Output, StringComparison.Ordinal);
        var shown = (await workspace.EnrichAsync("uploads", "show", id)).Succeeded().Output;
        Assert.Contains("  column 3: Email -> person.email\n", shown, StringComparison.Ordinal);
        Assert.Contains("No batch was launched from it.", shown, StringComparison.Ordinal);
        var rows = (await workspace.EnrichAsync("uploads", "rows", "last", "--after", "1", "--limit", "1", "--json")).Succeeded().Json;
        var row = Assert.Single(rows.GetProperty("rows").EnumerateArray());
        Assert.Equal((2, 1, "bob"), (Number(row, "row"), Number(rows, "more"), row.GetProperty("cells")[0].GetString()));
        (await workspace.EnrichAsync("uploads", "rejects", "last", "--output", "mend.csv")).Succeeded();
        Assert.StartsWith("enrichment.row,enrichment.line,enrichment.code,enrichment.reason,enrichment.text,First Name,", workspace.Read("mend.csv"), StringComparison.Ordinal);
        (await workspace.EnrichAsync("uploads", "delete", id)).Succeeded();
        Assert.Empty((await workspace.EnrichAsync("uploads", "--json")).Succeeded().Json.GetProperty("uploads").EnumerateArray());
    }

    [Fact]
    public async Task An_upload_with_a_batch_is_shown_with_it_and_not_deleted()
    {
        (await workspace.EnrichAsync("upload", "leads.csv")).Succeeded();
        var batch = (await workspace.EnrichAsync("launch", "last", "--pipeline", "normalize")).Succeeded().Output.Trim();

        var shown = (await workspace.EnrichAsync("uploads", "show", "last")).Succeeded().Output;
        var refused = await workspace.EnrichAsync("uploads", "delete", "last");

        Assert.Contains($"  {batch}  normalize  pending  3 items\n", shown, StringComparison.Ordinal);
        Assert.Equal(BadInput, refused.ExitCode);
        Assert.Contains($"its rows belong to the items of batch {batch}.", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--sha256 takes 64 hexadecimal digits, not 'ab'.", "--sha256", "ab")]
    [InlineData("--from takes a day such as 2026-11-01, not 'monday'.", "--from", "monday")]
    [InlineData("'x' is not an upload: expected its id or 'last'.", "--before", "x")]
    public async Task A_filter_that_is_none_is_refused(string message, params string[] options)
    {
        (await workspace.EnrichAsync("upload", "leads.csv")).Succeeded();

        var refused = await workspace.EnrichAsync(["uploads", .. options]);

        Assert.Equal(BadInput, refused.ExitCode);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
