namespace Enrichment.Cli.Tests;

/// <summary>The files that <c>enrich init</c> makes.</summary>
public sealed class InitTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task The_files_of_init_run_and_nothing_is_overwritten()
    {
        using var empty = new Workspace();
        empty.Write("leads.csv", Workspace.Leads);
        File.Delete(empty.FileNamed("pipeline.json"));
        var refused = await empty.EnrichAsync("init");
        Assert.Equal(
            (2, "enrich: Nothing was written: projection.json is there already. Remove or rename it, or begin in another folder.\n"),
            (refused.ExitCode, refused.Error));
        Assert.False(File.Exists(empty.FileNamed("pipeline.json")));
        File.Delete(empty.FileNamed("projection.json"));

        var next = (await empty.EnrichAsync("init")).Succeeded().Output.Split("Then: enrich ")[1].Trim();
        (await empty.EnrichAsync(next.Split(' '))).Succeeded();

        Assert.Equal(
            "full_name,email,company,domain,country\r\nJane O'Toole,jane.otoole@northwind.example,Northwind Logistics,northwind.example,DE\r\nBob Smith,bob@gmail.com,Blue Harbor,,DE\r\n,,,,\r\n",
            empty.Read("final_leads.csv"));
    }

    [Fact]
    public async Task Init_makes_files_for_the_columns_of_a_list()
    {
        using var empty = new Workspace();
        File.Delete(empty.FileNamed("pipeline.json"));
        File.Delete(empty.FileNamed("projection.json"));
        empty.Write(
            "list.csv",
            "First Name,Last Name,Email,Company Name,Company Country,Lead Score\nJANE,o'toole,Jane@Northwind.EXAMPLE,Northwind Inc.,Germany,7\n");

        var next = (await empty.EnrichAsync("init", "list.csv")).Succeeded().Output.Split("Then: enrich ")[1].Trim();
        (await empty.EnrichAsync(next.Split(' '))).Succeeded();

        var lines = empty.Read("final_leads.csv").Split("\r\n");
        Assert.Equal("company_country,company_domain,company_name,email,first_name,full_name,last_name,lead_score", lines[0]);
        Assert.Equal("DE,northwind.example,Northwind,jane@northwind.example,Jane,Jane O'Toole,O'Toole,7", lines[1]);

        // The country alone feeds no telephone number.
        (await empty.EnrichAsync("run", "list.csv", "--pipeline", "normalize", "--output", "all.csv")).Succeeded();
        Assert.DoesNotContain("phone", empty.Read("pipeline.json") + empty.Read("all.csv").Split("\r\n")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_warns_of_columns_that_share_a_name()
    {
        workspace.Write("twins.csv", "Email,Score,score \na@northwind.example,1,2\n");
        File.Delete(workspace.FileNamed("pipeline.json"));
        File.Delete(workspace.FileNamed("projection.json"));

        var init = (await workspace.EnrichAsync("init", "twins.csv")).Succeeded();

        Assert.Contains(
            "warning: Several columns are called 'Score'. A projection can name only the first of them",
            init.Error,
            StringComparison.Ordinal);
        Assert.Equal(2, workspace.Read("projection.json").Split("score", StringSplitOptions.None).Length);
    }

    [Fact]
    public async Task Init_says_how_a_list_of_unknown_headers_gets_a_stage()
    {
        using var empty = new Workspace();
        File.Delete(empty.FileNamed("pipeline.json"));
        File.Delete(empty.FileNamed("projection.json"));
        empty.Write("my list.csv", "Foo,Bar\nNorthwind Inc.,2\n");

        var written = (await empty.EnrichAsync("init", "my list.csv")).Succeeded().Output;
        Assert.Contains("The pipeline has no stage yet", written, StringComparison.Ordinal);
        var refused = await empty.EnrichAsync("run", "my list.csv", "--pipeline", "normalize", "--output", "out.csv");
        Assert.Equal(2, refused.ExitCode);
        const string Workstream = """{"name": "list", "version": 1, "fields": {"company.name": ["Foo"]}}""";
        Assert.All(
            [written, refused.Error],
            said => Assert.Contains($"--workstream list.json, with {Workstream}.", said, StringComparison.Ordinal));

        empty.Write("list.json", Workstream);
        (
            await empty.EnrichAsync("run", "my list.csv", "--workstream", "list.json", "--pipeline", "normalize", "--output", "out.csv")).Succeeded();
        Assert.Equal("Foo,Bar,company.name\r\nNorthwind Inc.,2,Northwind\r\n", empty.Read("out.csv"));
    }

    [Fact]
    public async Task The_command_that_init_names_is_one_for_a_shell_whatever_the_files_name()
    {
        using var empty = new Workspace();
        File.Delete(empty.FileNamed("pipeline.json"));
        File.Delete(empty.FileNamed("projection.json"));
        empty.Write("Bob's list.csv", "Email\njane@northwind.example\n");

        var written = (await empty.EnrichAsync("init", "Bob's list.csv")).Succeeded().Output;

        Assert.Contains(@"Then: enrich run 'Bob'\''s list.csv' --pipeline", written, StringComparison.Ordinal);
    }
}
