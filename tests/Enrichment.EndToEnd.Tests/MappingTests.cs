using System.Text;
using Enrichment.Ingestion;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A client maps headers itself, and its next files are mapped alike.</summary>
public sealed class MappingTests
{
    private static readonly Dictionary<string, string?> Given = new() { ["Bezeichner"] = "company.name", ["Website"] = null };

    [Fact]
    public async Task A_file_that_was_mapped_with_its_upload_has_the_next_one_with_its_headers_mapped_alike()
    {
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");

        var first = await UploadAsync(client, "Bezeichner,Website\nAcme,https://acme.test\n", new() { Columns = Given, By = "jane" });
        var next = await UploadAsync(client, "BEZEICHNER,website\nGlobex,https://globex.test\n");
        var more = await UploadAsync(client, "Bezeichner,Website,Ort\nHooli,https://hooli.test,Rom\n");
        var others = await UploadAsync(engine.Client("umbrella"), "Bezeichner,Website\nInitech,https://initech.test\n");

        var mapping = Assert.Single(await client.ListMappingsAsync());
        Assert.Equal(("jane", null), (mapping.By, mapping.Workstream));
        Assert.Equal(["bezeichner", "website"], mapping.Headers!);
        Assert.All([first, next], upload => Assert.Equal(["company.name"], upload.Upload.HeaderMap.Keys));
        Assert.All([first, next], upload => Assert.Equal(mapping.Number, Assert.Single(upload.Report.Mappings)));
        Assert.All([more, others], upload => Assert.DoesNotContain("company.name", upload.Upload.HeaderMap.Keys));
        Assert.All([more, others], upload => Assert.Empty(upload.Report.Mappings));
    }

    [Fact]
    public async Task A_mapping_is_replaced_and_forgotten_and_uploads_stay_as_they_are()
    {
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");
        const string Csv = "Bezeichner,Website\nAcme,https://acme.test\n";
        var first = await UploadAsync(client, Csv, new() { Columns = Given });
        var same = await UploadAsync(client, Csv, new() { Columns = Given });
        var second = await UploadAsync(client, Csv, new() { Columns = new Dictionary<string, string?> { ["bezeichner"] = "person.last_name" } });

        await client.ForgetMappingAsync(Assert.Single(second.Report.Mappings), "jane");
        var plain = await UploadAsync(client, Csv);

        Assert.True(same.AlreadyThere);
        Assert.Equal(["company.website", "person.last_name"], second.Upload.HeaderMap.Keys.Order());
        Assert.Equal(["company.website"], plain.Upload.HeaderMap.Keys);
        Assert.Equal(["company.name"], (await client.GetUploadAsync(first.Upload.Id)).HeaderMap.Keys);
        Assert.Empty(await client.ListMappingsAsync());
        Assert.Equal([2, 1, null], (await client.ListMappingsAsync(history: true)).Select(mapping => mapping.Columns?.Count));
        await Assert.ThrowsAsync<NotFoundException>(() => client.ForgetMappingAsync(second.Report.Mappings[0]));
    }

    [Fact]
    public async Task A_mapping_of_a_workstream_holds_for_its_lists_below_that_of_a_file()
    {
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");
        var number = await client.SetMappingAsync(
            "customer_companies", new Dictionary<string, string?> { ["Bezeichner"] = "company.name", ["Netz"] = "company.website" });
        const string Csv = "Bezeichner,Netz\nAcme,https://acme.test\n";

        var mapped = await UploadAsync(client, Csv, workstream: "customer_companies");
        var other = await UploadAsync(client, Csv, workstream: "any");
        var own = await UploadAsync(
            client, Csv, new() { Columns = new Dictionary<string, string?> { ["Netz"] = "acme.network" } }, "customer_companies");

        Assert.Equal(["company.name", "company.website"], mapped.Upload.HeaderMap.Keys.Order());
        Assert.Equal(number, Assert.Single(mapped.Report.Mappings));
        Assert.Empty(other.Report.Mappings);
        Assert.Equal(["acme.network", "company.name"], own.Upload.HeaderMap.Keys.Order());
        Assert.Equal(2, own.Report.Mappings.Length);
    }

    [Theory]
    [InlineData("Bezeichnr", "company.name", "column_unknown")]
    [InlineData("Bezeichner", "Company Name", "mapping_invalid")]
    [InlineData(" ", "company.name", "mapping_invalid")]
    public async Task A_mapping_that_cannot_be_is_refused_and_nothing_is_stored(string header, string field, string code)
    {
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");

        var refused = await Assert.ThrowsAsync<UploadException>(() =>
            UploadAsync(client, "Bezeichner,Website\nAcme,x\n", new() { Columns = new Dictionary<string, string?> { [header] = field } }));

        Assert.Equal(code, refused.Code);
        Assert.Empty(await client.ListMappingsAsync(history: true));
        Assert.Empty(await client.ListUploadsAsync().ToListAsync());
    }

    [Fact]
    public async Task The_same_file_with_another_mapping_is_another_upload()
    {
        const string Csv = "Bezeichner,Website\nAcme,x\n";
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");
        var wrong = await UploadAsync(client, Csv, new() { Columns = new Dictionary<string, string?> { ["Bezeichner"] = "person.full_name" } });

        var right = await UploadAsync(client, Csv, new() { Columns = Given });
        var again = await UploadAsync(client, Csv);

        Assert.False(right.AlreadyThere);
        Assert.NotEqual(wrong.Upload.Id, right.Upload.Id);
        Assert.True(again.AlreadyThere); // The file's mapping is remembered.
        Assert.Equal(right.Upload.Id, again.Upload.Id);
    }

    [Fact]
    public async Task An_upload_that_fails_remembers_no_mapping()
    {
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");
        var tooLong = $"Bezeichner,Website\nAcme,x\n{new string('y', 3 << 20)}\n";

        await Assert.ThrowsAsync<UploadException>(() => UploadAsync(client, tooLong, new() { Columns = Given }));

        Assert.Empty(await client.ListMappingsAsync(history: true));
        Assert.Empty(await client.ListUploadsAsync().ToListAsync());
    }

    [Fact]
    public async Task A_preview_is_mapped_like_the_upload_and_remembers_nothing()
    {
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");

        var preview = await client.PreviewUploadAsync(Stream("Bezeichner,Website\nAcme,x\n"), "any", new() { Columns = Given });

        Assert.Equal(["company.name", null], preview.Columns.Select(column => column.Field));
        Assert.Empty(await client.ListMappingsAsync(history: true));
    }

    private static Task<UploadResult> UploadAsync(EnrichmentClient client, string csv, UploadOptions? options = null, string workstream = "any") =>
        client.UploadAsync(Stream(csv), workstream, options);

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    private static Task<EnrichmentEngine> EngineAsync() => TestEngine.StartAsync(e => e.UseSqlite(":memory:"));
}
