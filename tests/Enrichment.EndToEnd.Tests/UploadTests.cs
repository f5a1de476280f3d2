using System.Text;
using Enrichment.Consolidation;
using Enrichment.Ingestion;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What an operator does with a file before and after it is staged.</summary>
public sealed class UploadTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private const string Leads =
        "Company;Website;Note\n" +
        "Acme;https://acme.test;=1+1\n" +
        ";;nobody\n" +
        "Globex;https://globex.test;\"one; \"\"two\"\"\"\n" +
        "Initech;https://initech.test;a;b\n" +
        "Hooli;https://hooli.test;\n";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("enrichment-uploads");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_preview_tells_all_that_an_upload_would_and_stores_nothing()
    {
        foreach (var (use, rows) in Stores())
        {
            await using var engine = await TestEngine.StartAsync(use);
            var client = engine.Client("acme");
            var before = await rows();

            var preview = await client.PreviewUploadAsync(Stream(Leads), "customer_companies");

            Assert.Equal(before, await rows());
            Assert.Equal((5, 3, 2), (preview.Report.Rows, preview.Report.Accepted, preview.Report.Rejected));
            Assert.Equal(["company.name", "company.website", null], preview.Columns.Select(column => column.Field));
            Assert.Equal([3, 3, 2], preview.Columns.Select(column => column.Filled));
            Assert.Equal(["Acme", "Globex", "Hooli"], preview.Columns[0].Samples);
            Assert.Equal(["=1+1", "one; \"two\""], preview.Columns[2].Samples);
            Assert.Null(preview.SameContent);
            var uploaded = await client.UploadAsync(Stream(Leads), "customer_companies");
            Assert.Equal(uploaded.Report.ToJson(), preview.Report.ToJson());
            Assert.Equal(uploaded.Upload.Id, (await client.PreviewUploadAsync(Stream(Leads), workstream: null)).SameContent!.Id);
        }
    }

    [Fact]
    public async Task The_rows_of_an_upload_are_read_in_its_order_with_fields_or_reasons()
    {
        await using var engine = await EngineAsync();
        var upload = (await engine.Client("acme").UploadAsync(Stream(Leads), "customer_companies")).Upload;

        var rows = await engine.Client("acme").ReadUploadRowsAsync(upload.Id).ToListAsync();
        var rest = await engine.Client("acme").ReadUploadRowsAsync(upload.Id, after: 3).ToListAsync();

        Assert.Equal([1, 2, 3, 4, 5], rows.Select(row => row.Row));
        Assert.Equal([4, 5], rest.Select(row => row.Row));
        Assert.Equal(["Globex", "https://globex.test", "one; \"two\""], rows[2].Cells);
        Assert.Equal(new Dictionary<string, string> { ["company.name"] = "Acme", ["company.website"] = "https://acme.test" }, rows[0].Fields);
        Assert.Equal([null, "required_field_blank", null, "too_many_cells", null], rows.Select(row => row.Rejection?.Code));
        Assert.Equal(["Initech", "https://initech.test", "a", "b"], rows[3].Cells);
        await Assert.ThrowsAsync<NotFoundException>(async () => await engine.Client("umbrella").ReadUploadRowsAsync(upload.Id).ToListAsync());
    }

    [Fact]
    public async Task Rejected_rows_come_back_as_a_file_of_which_only_mended_rows_are_accepted()
    {
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");
        var first = await client.UploadAsync(Stream(Leads), "customer_companies");

        var file = await RejectsAsync(client, first.Upload);
        Assert.Equal(
            "enrichment.row,enrichment.line,enrichment.code,enrichment.reason,enrichment.text,Company,Website,Note\r\n"
            + "2,3,required_field_blank,The required field company.name is blank.,,,,nobody\r\n"
            + "4,5,too_many_cells,\"The row has 4 cells, the header 3.\",,Initech,https://initech.test,a,b\r\n",
            file);
        var untouched = await client.UploadAsync(Stream(file), "customer_companies");
        var mended = await client.UploadAsync(
            Stream(file.Replace("required_field_blank,The required field company.name is blank.,,", ",,,Umbrella", StringComparison.Ordinal)),
            "customer_companies");

        Assert.Equal((0, 2), (untouched.Report.Accepted, untouched.Report.Rejected));
        Assert.Equal(["still_rejected", "too_many_cells"], untouched.Report.RejectedByCode.Keys);
        Assert.Equal((1, 1), (mended.Report.Accepted, mended.Report.Rejected));
        Assert.Equal(first.Report.Mapped.Select(mapped => mapped.Field), mended.Report.Mapped.Select(mapped => mapped.Field));
        var row = await client.ReadUploadRowsAsync(mended.Upload.Id).FirstAsync();
        Assert.Equal("Umbrella", row.Fields["company.name"]);
    }

    [Theory]
    [InlineData("Company,Website\nAcme \"Blue,\"x\ny\"z,b\nok,https://ok.test\n", "stray_quote")]
    [InlineData("Company,Website\nAc\0me,b\n", "nul_character")]
    [InlineData("{\"Company\":\"Acme\"}\n{\"Company\":\"a\",\"Company\":\"b\"}\n", "duplicate_property")]
    [InlineData("{\"Company\":\"Acme\"}\nnonsense\n", "invalid_json")]
    [InlineData("{\"Company\":\"Acme\"}\n[1]\n", "not_an_object")]
    public async Task A_row_that_cannot_be_split_comes_back_with_its_text(string content, string code)
    {
        await using var engine = await EngineAsync();
        var client = engine.Client("acme");
        var upload = (await client.UploadAsync(Stream(content), "any")).Upload;

        var file = await RejectsAsync(client, upload);
        var rejected = await client.ReadUploadRowsAsync(upload.Id).FirstAsync(row => row.Rejection is not null);

        Assert.Equal(code, rejected.Rejection!.Code);
        Assert.True(rejected.Cells.Count >= upload.Columns.Count);
        Assert.Equal((0, upload.Rejected), await CountsAsync(client, file));
        if (code != "nul_character")
        {
            Assert.Contains(Quoted(Encoding.UTF8.GetString(rejected.Rejection.Raw.Span)), file, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_upload_is_deleted_unless_a_batch_was_launched_from_it()
    {
        foreach (var (use, rows) in Stores())
        {
            await using var engine = await TestEngine.StartAsync(e =>
            {
                use(e);
                e.AddStep<DomainStep>().AddPipeline("domains", p => p.Step("test.domain"));
            });
            var client = engine.Client("acme");
            var kept = await client.StageAsync(TestEngine.Companies(3));
            var before = await rows();
            var deleted = (await client.UploadAsync(Stream(Leads), "customer_companies", again: true)).Upload;

            await Assert.ThrowsAsync<NotFoundException>(() => engine.Client("umbrella").DeleteUploadAsync(deleted.Id));
            await client.DeleteUploadAsync(deleted.Id);

            Assert.Equal(before, await rows());
            await Assert.ThrowsAsync<NotFoundException>(() => client.DeleteUploadAsync(deleted.Id));
            var batch = await client.LaunchAsync(kept.Id, new() { Pipeline = "domains" });
            var refused = await Assert.ThrowsAsync<EnrichmentException>(() => client.DeleteUploadAsync(kept.Id));
            Assert.Contains($"batch {batch.Id}. Prune", refused.Message, StringComparison.Ordinal);
            Assert.Equal(3, await client.ReadUploadRowsAsync(kept.Id).CountAsync());
        }
    }

    private static async Task<string> RejectsAsync(EnrichmentClient client, Upload upload)
    {
        using var file = new MemoryStream();
        Assert.Equal(upload.Rejected, await client.ExportRejectedRowsAsync(upload.Id, file, new CsvFormat { Raw = true }));
        return Encoding.UTF8.GetString(file.ToArray());
    }

    private static async Task<(int Accepted, int Rejected)> CountsAsync(EnrichmentClient client, string file)
    {
        var report = (await client.PreviewUploadAsync(Stream(file))).Report;
        return (report.Accepted, report.Rejected);
    }

    private static string Quoted(string text) => text.AsSpan().ContainsAny("\",\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    private static Task<EnrichmentEngine> EngineAsync() => TestEngine.StartAsync(e => e.UseSqlite(":memory:"));

    private IEnumerable<(Action<EnrichmentBuilder> Use, Func<Task<long>> Rows)> Stores()
    {
        var file = Path.Combine(folder.FullName, $"{Guid.NewGuid()}.db");
        yield return (
            e => e.UseSqlite(file),
            () => CountAsync(
                new SqliteConnection($"Data Source={file};Pooling=False"), "select name from sqlite_master where type = 'table' and name not like 'sqlite%'", ""));
        yield return (
            e => e.UsePostgreSql(database.ConnectionString),
            () => CountAsync(
                new NpgsqlConnection(database.ConnectionString),
                "select table_name from information_schema.tables where table_schema = 'enrichment' and table_type = 'BASE TABLE'",
                "enrichment."));
    }

    /// <summary>The rows of all tables of a store.</summary>
    private static async Task<long> CountAsync(System.Data.Common.DbConnection connection, string tables, string schema)
    {
        await using var opened = connection;
        await opened.OpenAsync();
        var names = new List<string>();
        await using (var command = opened.CreateCommand())
        {
            command.CommandText = tables;
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                names.Add(reader.GetString(0));
            }
        }

        await using var count = opened.CreateCommand();
        count.CommandText = $"select {string.Join(" + ", names.Select(name => $"(select count(*) from {schema}{name})"))}";
        return Convert.ToInt64(await count.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
