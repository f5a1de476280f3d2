using System.Text;
using Enrichment.Consolidation;

namespace Enrichment.EndToEnd.Tests;

public sealed class TypedTableTests
{
    private static readonly Projection Leads = Projection.Define("final_leads", p => p
        .Text("company", s => s.Field("company.answer").Column("Company Name"))
        .Text("domain", s => s.Field("company.domain")));

    [Fact]
    public async Task A_typed_table_follows_every_batch_that_ends_and_a_retry_after_it()
    {
        var mended = false;
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step("test.domain")
                    .Step(
                        "test.scripted",
                        s =>
                            s.Options(
                                ScriptedStep.Script(context => mended || context.Is("a") ? context.Named() : StepOutcome.Failed("not yet")))),
            ["a", "b"],
            e => e.AddProjection(Leads));

        var batch = await bench.RunAsync();
        Assert.Equal("company,domain\r\nA,a.example.com\r\nb,b.example.com\r\n", await ExportAsync(bench));

        mended = true;
        await bench.Client.RetryAsync(batch.Id);
        await bench.Engine.RunUntilDrainedAsync();
        var followed = await ExportAsync(bench);
        Assert.Equal("company,domain\r\nA,a.example.com\r\nB,b.example.com\r\n", followed);

        Assert.Empty(await bench.Engine.ExamineAsync());
        await bench.Engine.RebuildAsync("final_leads");
        Assert.Equal(followed, await ExportAsync(bench));
        Assert.Equal("", (await ExportAsync(bench, "rival"))["company,domain\r\n".Length..]);
    }

    private static async Task<string> ExportAsync(Bench bench, string client = "acme")
    {
        using var csv = new MemoryStream();
        await bench.Engine.Client(client).Query("final_leads").ExportAsync(csv);
        return Encoding.UTF8.GetString(csv.ToArray());
    }
}
