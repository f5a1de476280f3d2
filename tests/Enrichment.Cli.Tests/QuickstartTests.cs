namespace Enrichment.Cli.Tests;

public sealed class QuickstartTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task It_runs_and_runs_again_on_the_same_database_without_harm()
    {
        var first = (await Tool.RunSampleAsync("Quickstart", workspace.Folder)).Succeeded();
        var export = workspace.Read("output/final_leads.csv");
        var second = (await Tool.RunSampleAsync("Quickstart", workspace.Folder)).Succeeded();

        Assert.Equal(export, workspace.Read("output/final_leads.csv"));
        Assert.Equal(991, export.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(
            [first, second],
            run => Assert.Contains($"Database  {workspace.FileNamed("output/quickstart.db")}", run.Output, StringComparison.Ordinal));
        Assert.Contains("nothing is done twice", second.Output, StringComparison.Ordinal);
        Assert.Empty(
            (await workspace.EnrichAsync("doctor", "--store", "sqlite:output/quickstart.db", "--json"))
                .Succeeded()
                .Json.GetProperty("findings")
                .EnumerateArray());
    }
}
