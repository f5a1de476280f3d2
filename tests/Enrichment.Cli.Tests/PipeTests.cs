namespace Enrichment.Cli.Tests;

/// <summary>What comes through a pipe can be read once.</summary>
public sealed class PipeTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4000)] // More than the head by which it is recognised.
    public async Task A_piped_file_is_recognised_and_staged_like_a_file(int copies)
    {
        var lines = Workspace.Leads.Split('\n', 2);
        var text = lines[0] + "\n" + string.Concat(Enumerable.Repeat(lines[1], copies));
        workspace.Write("leads.csv", text);

        var piped = (await Tool.RunWithInputAsync(workspace.Folder, text, "upload", "/dev/stdin", "--json")).Succeeded().Json;
        var named = (await workspace.EnrichAsync("upload", "leads.csv", "--json")).Succeeded().Json;

        Assert.Equal(("crm_data", 3 * copies), (piped.GetProperty("workstream").GetString(), piped.GetProperty("rows").GetInt32()));
        Assert.Equal(piped.GetProperty("upload").GetString(), named.GetProperty("upload").GetString());
        Assert.True(named.GetProperty("already_there").GetBoolean());
    }
}
