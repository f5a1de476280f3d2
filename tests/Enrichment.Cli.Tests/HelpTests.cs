using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

public sealed class HelpTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("upload")]
    [InlineData("launch")]
    [InlineData("work")]
    [InlineData("tick")]
    [InlineData("status")]
    [InlineData("items")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("prioritize")]
    [InlineData("retry")]
    [InlineData("skip")]
    [InlineData("supply")]
    [InlineData("cancel")]
    [InlineData("deliveries")]
    [InlineData("refusals")]
    [InlineData("accounts")]
    [InlineData("consolidate")]
    [InlineData("export")]
    [InlineData("exports")]
    [InlineData("prune")]
    [InlineData("init")]
    [InlineData("timeline")]
    [InlineData("events")]
    [InlineData("issues")]
    [InlineData("leads")]
    [InlineData("steps")]
    [InlineData("fields")]
    [InlineData("workstreams")]
    [InlineData("pipelines")]
    [InlineData("uploads")]
    [InlineData("mappings")]
    [InlineData("mappings set")]
    [InlineData("mappings forget")]
    [InlineData("uploads show")]
    [InlineData("uploads rows")]
    [InlineData("uploads rejects")]
    [InlineData("uploads delete")]
    [InlineData("clients")]
    [InlineData("doctor")]
    [InlineData("projection")]
    [InlineData("projection list")]
    [InlineData("projection plan")]
    [InlineData("projection apply")]
    [InlineData("projection rollback")]
    [InlineData("projection explain")]
    [InlineData("projection drift")]
    [InlineData("vendor")]
    [InlineData("vendor try")]
    [InlineData("db")]
    [InlineData("db migrate")]
    [InlineData("db script")]
    public async Task Help_shows_options_and_examples(string command)
    {
        var run = (await workspace.EnrichAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])).Succeeded();

        Assert.Empty(run.Error);
        Snapshot.Match(run.Output, command.Length == 0 ? "enrich" : command.Replace(' ', '_'));
    }

    [Fact]
    public async Task Without_a_command_it_is_the_help() =>
        Assert.Equal((await workspace.EnrichAsync("--help")).Output, (await workspace.EnrichAsync()).Succeeded().Output);
}
