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
            exports.Add(Encoding.UTF8.GetString(await ground.ExportAsync(Leads.ByEmail)));
            exports.Add(
                string.Join(
                    '\n',
                    (await ground.IssuesAsync(Leads.ByEmail)).Select(issue => $"{issue.Item} {issue.Column} {issue.Reason} {issue.Value}")));
        }

        Assert.Equal(exports[..3], exports[3..]);
        Assert.Equal(1 + 2500 + 625, exports[0].Split("\r\n").Length - 1); // a quarter of the notes hold a line break of their own
    }
}
