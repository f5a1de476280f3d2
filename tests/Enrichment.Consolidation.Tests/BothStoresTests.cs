using System.Text;

namespace Enrichment.Consolidation.Tests;

/// <summary>One upload, two stores, the same bytes.</summary>
public sealed class BothStoresTests
{
    [Fact]
    public async Task The_exports_of_both_stores_are_equal_byte_for_byte()
    {
        await using var postgres = await PostgreSqlGround.CreateAsync();
        await using var sqlite = await SqliteGround.CreateAsync();
        var exports = new List<string>();
        foreach (var ground in new Ground[] { postgres, sqlite })
        {
            var batches = new[] { await Leads.RunAsync(ground, 1200), await Leads.RunAsync(ground, 1300, first: 500) };
            foreach (var projection in new[] { Leads.ByItem, Leads.ByEmail })
            {
                await ground.Store.ConsolidateAsync(projection, batches[0].Key, default);
                await ground.Store.ConsolidateAsync(projection, batches[1].Key, default);
            }

            exports.Add(Encoding.UTF8.GetString(await ground.ExportAsync(Leads.ByItem)));
            await AssertPagesAsync(ground, Leads.ByItem);
            await AssertPagesAsync(ground, Leads.ByEmail);
            exports.Add(Encoding.UTF8.GetString(await ground.ExportAsync(Leads.ByEmail)));
            exports.Add(
                string.Join(
                    '\n',
                    (await ground.IssuesAsync(Leads.ByEmail)).Select(issue => $"{issue.Item} {issue.Column} {issue.Reason} {issue.Value}")));
        }

        Assert.Equal(exports[..3], exports[3..]);
        Assert.Equal(1 + 2500 + 625, exports[0].Split("\r\n").Length - 1); // a quarter of the notes hold a line break of their own
    }

    // The rows of a batch are in several buckets: their pages have the order of the export, there and back.
    private static async Task AssertPagesAsync(Ground ground, Projection projection)
    {
        var rows = await ground.Store.ReadProjectionAsync(projection, "acme", null, ground.AsOf, default).ToListAsync();
        var query = ground.Ask(projection);
        var (there, back) = (new List<string>(), new List<string>());
        var page = await query.ReadPageAsync(700);
        there.AddRange(page.Rows.Select(AskedRow.PlaceOf));
        while (page.Next is { } next)
        {
            page = await query.ReadPageAsync(700, next);
            there.AddRange(page.Rows.Select(AskedRow.PlaceOf));
        }

        back.AddRange(page.Rows.Select(AskedRow.PlaceOf));
        while (page.Previous is { } previous)
        {
            page = await query.ReadPageAsync(900, previous);
            back.InsertRange(0, page.Rows.Select(AskedRow.PlaceOf));
        }

        Assert.Equal(rows.Select(AskedRow.PlaceOf), there);
        Assert.Equal(there, back);
    }
}
