using Enrichment.Consolidation;

namespace Enrichment.Conformance.Cases;

/// <summary>The record of exports.</summary>
internal static class Exporting
{
    public static async Task Records_are_read_page_by_page_the_youngest_first_and_by_their_client_alone(Scene scene)
    {
        const int Many = 230;
        var expected = new List<Export>();
        for (var number = 0; number < Many; number++)
        {
            var export = Of(number % 10 == 0 ? "globex" : "acme", number);
            expected.Add(export with { BegunAt = await scene.Store.BeginExportAsync(export, default) });
        }

        foreach (var client in new[] { "acme", "globex" })
        {
            var read = await scene.Store.ReadExportsAsync(client, default).ToListAsync();
            Expect.Sequence(
                expected.Where(export => export.Client == client).Reverse().Select(Words), read.Select(Words));
        }

        Expect.Empty(await scene.Store.ReadExportsAsync("nobody", default).ToListAsync());
    }

    public static async Task An_export_ends_once(Scene scene)
    {
        var export = Of("acme", 1);
        var begun = await scene.Store.BeginExportAsync(export, default);
        Expect.Null((await scene.Store.ReadExportsAsync("acme", default).SingleAsync()).EndedAt);

        var ended = await scene.Store.EndExportAsync(export.Id, default);

        Expect.That(ended >= begun);
        Expect.Equal(ended, await scene.Store.EndExportAsync(export.Id, default));
        Expect.Equal<DateTimeOffset?>(ended, (await scene.Store.ReadExportsAsync("acme", default).SingleAsync()).EndedAt);
    }

    private static string Words(Export export) => string.Join('|',
    [
        export.Id, export.Client, export.Projection, export.Table, export.Version, export.Batch, export.Filter,
        string.Join(',', export.Sort),
        string.Join(',', export.Columns), export.AsOf.DayNumber, export.Format, export.By, export.Rows, export.Bytes,
        Convert.ToHexString(export.Sha256.Span), export.BegunAt.UtcTicks, export.EndedAt,
    ]);

    private static Export Of(string client, int number) => new()
    {
        Id = Guid.CreateVersion7(),
        Client = client,
        Projection = "final_leads",
        Table = "final_leads",
        Version = number + 1,
        Batch = number % 2 == 0 ? Guid.CreateVersion7() : null,
        Filter = number % 3 == 0 ? """{"field":"name","eq":"O'Hara ä"}""" : null,
        Sort = number % 4 == 0 ? ["a:desc", "b"] : [],
        Columns = ["a", "b"],
        AsOf = new DateOnly(2026, 2, 28).AddDays(number),
        Format = "csv",
        By = "jane@host",
        Rows = number,
        Bytes = long.MaxValue - number,
        Sha256 = new byte[] { 1, (byte)number },
        BegunAt = default,
    };
}
