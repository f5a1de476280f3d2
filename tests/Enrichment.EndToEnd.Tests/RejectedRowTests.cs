using System.Text;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class RejectedRowTests
{
    [Fact]
    public async Task Every_rejected_row_can_be_read_not_only_those_in_the_report()
    {
        await using var engine = await EngineAsync();
        var rows = string.Concat(
            Enumerable.Range(1, 2_500).Select(n => n % 2 == 0 ? $"\"Acme {n}\",x,y,ü\r\n" : $"Acme {n},https://a{n}.test\r\n")
        );

        var result = await engine.Client("acme").UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes("Company,Website\r\n" + rows)));
        var rejected = await engine.Client("acme").ReadRejectedRowsAsync(result.Upload.Id).ToListAsync();

        Assert.Equal(100, result.Report.Rejections.Length);
        Assert.Equal(Enumerable.Range(1, 1_250).Select(n => 2 * n), rejected.Select(row => row.Row));
        Assert.All(rejected, row => Assert.Equal((row.Row + 1, "too_many_cells"), (row.Line, row.Code)));
        Assert.Equal("\"Acme 2500\",x,y,ü", Encoding.UTF8.GetString(rejected[^1].Raw.Span));
    }

    [Fact]
    public async Task Another_client_cannot_read_the_rejected_rows()
    {
        await using var engine = await EngineAsync();
        var result = await engine.Client("acme").UploadAsync(new MemoryStream("Company,Website\na,b,c\n"u8.ToArray()));

        await Assert.ThrowsAsync<NotFoundException>(async () =>
            await engine.Client("umbrella").ReadRejectedRowsAsync(result.Upload.Id).ToListAsync());
    }

    private static Task<EnrichmentEngine> EngineAsync() => TestEngine.StartAsync(e => e.UseSqlite(":memory:"));
}
