using System.Text;
using Enrichment.Consolidation;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests.Guide;

/// <summary>The code that docs/guide/projections.md shows about changes, and what hosts of two definitions read.</summary>
public sealed class ChangedTableTests : IDisposable
{
    private static readonly Projection Before = Projection.Define("final_leads", p => p
        .Text("company", s => s.Field("company.answer"))
        .Text("header", s => s.Column("Company Name")));

    private static readonly Projection After = Projection.Define("final_leads", p => p
        .Text("header", s => s.Column("Company Name"))
        .Text("again", s => s.Field("company.answer")));

    private readonly string folder = Directory.CreateTempSubdirectory("enrichment-changed-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task An_operator_applies_a_definition_and_goes_back_and_every_host_reads_what_is_live()
    {
        await using var old = await StartAsync(Before);
        await old.RunAsync(TestEngine.Companies(["a", "b"]), "scripted");
        await using var engine = await StartAsync(After);
        await engine.RunUntilDrainedAsync();

        // Until the definition is applied, the host reads of its own columns those that the table has.
        Assert.Equal("company,header\r\nA,a\r\nB,b\r\n", await ExportAsync(engine));
        Assert.Equal([["a", null], ["b", null]], await RowsAsync(engine));

        var diff = await engine.ApplyProjectionAsync("final_leads", hold: true); // builds and compares, and shows nobody
        Console.WriteLine($"{diff?.Gained} rows gained, {diff?.Lost} lost, {diff?.Columns.Count} columns differ");
        await engine.ApplyProjectionAsync("final_leads");                        // lets the view show it
        Assert.Equal([["a", "A"], ["b", "B"]], await RowsAsync(engine));
        Assert.Equal([[null, "a"], [null, "b"]], await RowsAsync(old));
        Assert.Equal("header,again\r\na,A\r\nb,B\r\n", await ExportAsync(old));

        await engine.RollBackProjectionAsync("final_leads");                     // and back again, at once
        Assert.Equal([["A", "a"], ["B", "b"]], await RowsAsync(old));
        Assert.Equal(
            [("live", false), ("kept", true)],
            (await engine.ListProjectionVersionsAsync("final_leads")).Select(version => (version.Status, version.IsHosts)));
        Assert.Empty(await old.ExamineAsync());
        Assert.Empty(await engine.ExamineAsync());
    }

    private Task<EnrichmentEngine> StartAsync(Projection projection) => TestEngine.StartAsync(e => e
        .UseSqlite(Path.Combine(folder, "test.db"))
        .AddStep<ScriptedStep>()
        .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named()))))
        .AddProjection(projection));

    private static async Task<List<IReadOnlyList<object?>>> RowsAsync(EnrichmentEngine engine) =>
        await engine.Client("acme").ReadRowsAsync("final_leads").Select(row => row.Values).ToListAsync();

    private static async Task<string> ExportAsync(EnrichmentEngine engine)
    {
        using var csv = new MemoryStream();
        await engine.Client("acme").Query("final_leads").ExportAsync(csv);
        return Encoding.UTF8.GetString(csv.ToArray());
    }
}
