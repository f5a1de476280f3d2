using Microsoft.Data.Sqlite;

namespace Enrichment.Cli.Tests;

/// <summary>Another program drops a view or a table, and the tool says what mends it.</summary>
public sealed class PublishedTableTests
{
    [Fact]
    public async Task The_doctor_finds_a_dropped_table_without_its_definition_and_a_rebuild_makes_it_again()
    {
        using var workspace = new Workspace();
        string[] table = ["--projection", "projection.json"];
        string[] export = ["export", "last", .. table, "--output", "-"];
        (await workspace.EnrichAsync(["run", "leads.csv", "--pipeline", "pipeline", .. table, "--output", "out.csv"])).Succeeded();
        Assert.Equal(
            "Healthy: no invariant is violated.\nNot recomputed: the tables of final_leads. --projection with the definition of one recomputes its table.\n",
            (await workspace.EnrichAsync("doctor")).Succeeded().Output);
        Assert.Equal("Healthy: no invariant is violated.\n", (await workspace.EnrichAsync(["doctor", .. table])).Succeeded().Output);
        var before = (await workspace.EnrichAsync(export)).Succeeded().Output;
        await ExecuteAsync("drop view final_leads; drop table projection_1_v1;");

        const string Told = "able 'projection_1_v1' of version 1 of projection 'final_leads' is missing: 'enrich consolidate BATCH --projection final_leads --rebuild' makes it again";
        var sick = await workspace.EnrichAsync("doctor");
        Assert.Equal(1, sick.ExitCode);
        Assert.Contains("the t" + Told, sick.Output, StringComparison.Ordinal);
        var refused = await workspace.EnrichAsync(export);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"The t{Told}.", refused.Error, StringComparison.Ordinal);

        (await workspace.EnrichAsync(["consolidate", "last", .. table, "--rebuild"])).Succeeded();
        Assert.Equal(before, (await workspace.EnrichAsync(export)).Succeeded().Output);
        (await workspace.EnrichAsync(["doctor", .. table])).Succeeded();

        // Rows of a pruned batch cannot be made again: they are lost only on purpose.
        (await workspace.EnrichAsync("prune", "--older-than", "0d")).Succeeded();
        (await workspace.EnrichAsync("run", "leads.csv", "--again", "--pipeline", "pipeline", "--output", "out.csv")).Succeeded();
        await ExecuteAsync("drop view final_leads;");
        Assert.Equal(
            "The view 'final_leads' was missing and is there again.\nfinal_leads: this definition is live. There was nothing to build.\n",
            (await workspace.EnrichAsync("projection", "apply", "projection")).Succeeded().Output);
        await ExecuteAsync("drop view final_leads; drop table projection_1_v2;");
        string[] rebuild = ["consolidate", "last", .. table, "--rebuild"];
        var lost = await workspace.EnrichAsync(rebuild);
        Assert.Equal(2, lost.ExitCode);
        Assert.Contains("It had rows of a pruned batch, and nothing is left to make them of.", lost.Error, StringComparison.Ordinal);
        Assert.Contains("so it needs --yes", (await workspace.EnrichAsync("doctor")).Output, StringComparison.Ordinal);
        (await workspace.EnrichAsync([.. rebuild, "--yes"])).Succeeded();
        (await workspace.EnrichAsync(["doctor", .. table])).Succeeded();

        async Task ExecuteAsync(string sql)
        {
            await using var connection = new SqliteConnection($"Data Source={workspace.FileNamed("enrichment.db")};Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }
}
