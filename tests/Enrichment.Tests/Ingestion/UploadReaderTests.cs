using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Enrichment.Ingestion;
using Enrichment.Storage;

namespace Enrichment.Tests.Ingestion;

public class UploadReaderTests
{
    [Fact]
    public Task For_any_text_accepted_and_rejected_make_up_the_rows_or_the_file_is_refused_by_name() =>
        Gen.Char["ab,;\"\n\r\t |\0é\u00A0=\u001F"]
            .Array[0, 200]
            .Select(c => new string(c))
            .SampleAsync(
                async text =>
                {
                    try
                    {
                        var (report, rows) = await Reading.ReadAsync(
                            text,
                            Reading.Workstream("crm_data"),
                            new UploadOptions { Encoding = "utf-8" });
                        Assert.Equal(report.Rows, report.Accepted + report.Rejected);
                        Assert.Equal(report.Rejected, report.RejectedByCode.Values.Sum());
                        int[] numbers = [.. rows.Select(r => r.Row).Concat(report.Rejections.Select(r => r.Row)).Order()];
                        Assert.Equal(Enumerable.Range(1, report.Rows), numbers);
                    }
                    catch (UploadException e)
                    {
                        Assert.Contains(
                            e.Code,
                            new[] { "empty", "header_invalid", "unclosed_quote", "stray_quote", "delimiter_uncertain", "rows_in_quotes" });
                    }
                },
                iter: 3000);

    [Fact]
    public Task Cells_that_are_written_by_the_rules_come_back_as_they_were() =>
        Gen.Select(
                Gen.Char["ab,;\"\n\r\t|é ß漢"].Array[0, 12].Select(c => 'x' + new string(c)).Array[2].Array[1, 20],
                Gen.Char[",;\t|"],
                Gen.Int[0, 2].Select(i => new[] { "\n", "\r\n", "\r" }[i]))
            .SampleAsync(
                async (rows, delimiter, end) =>
                {
                    var text =
                        $"\"h1\"{delimiter}\"h2\"{end}"
                        + string.Concat(
                            rows.Select(r =>
                                string.Join(delimiter, r.Select(c => "\"" + c.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"")) + end));
                    var (report, read) = await Reading.ReadAsync(
                        text,
                        options: new UploadOptions { Delimiter = delimiter, PreambleLines = 0 });
                    Assert.Equal(rows, read.Select(r => JsonSerializer.Deserialize<string[]>(r.Json)!));
                    Assert.Equal(0, report.Rejected);
                },
                iter: 1000);

    [Fact]
    public Task Cells_without_quotes_come_back_as_they_were_whatever_their_lengths() =>
        Gen.Select(Gen.Char["ab 'é漢\""].Array[0, 40].Select(c => 'x' + new string(c)).Array[9].Array[1, 12], Gen.Char[",;\t|§"])
            .SampleAsync(
                async (rows, delimiter) =>
                {
                    var text = string.Concat(
                        rows.Prepend(["h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9"]).Select(r => string.Join(delimiter, r) + "\n"));
                    var (report, read) = await Reading.ReadAsync(
                        text,
                        options: new UploadOptions { Delimiter = delimiter, PreambleLines = 0 });
                    Assert.Equal(rows, read.Select(r => JsonSerializer.Deserialize<string[]>(r.Json)!));
                    Assert.Equal(0, report.Rejected);
                },
                iter: 500);

    [Fact]
    public async Task A_stream_that_cannot_seek_gives_the_same_as_one_that_can()
    {
        var bytes = Encoding.UTF8.GetBytes("Company,First Name\nAcme,Ann\n");
        var (expected, _) = await Reading.ReadAsync(new MemoryStream(bytes), Workstream.Any, new UploadOptions());
        await using var oneWay = new OneWayStream(bytes);
        var (report, rows) = await Reading.ReadAsync(oneWay, Workstream.Any, new UploadOptions());
        Assert.Equal(expected.ToJson(), report.ToJson());
        Assert.Equal("""["Acme","Ann"]""", Assert.Single(rows).Json);
    }

    [Fact]
    public async Task Records_become_rows_and_their_properties_columns()
    {
        await using var intake = await UploadReader.OpenAsync(
            Leads(),
            new JsonSerializerOptions(JsonSerializerDefaults.Web),
            Reading.Workstream("customer_companies"),
            new UploadOptions(),
            [],
            default);
        var rows = new List<string>();
        await foreach (var batch in intake.ReadAsync())
        {
            rows.AddRange(batch.Accepted.Select(r => Encoding.UTF8.GetString(r.Raw.Span)));
        }

        Assert.Equal(["""["Acme","acme.com",10]""", """["Globex",null,null]"""], rows);
        Assert.Equal(["name", "domain", "size"], intake.Columns);
        Assert.Equal([0], intake.HeaderMap["company.name"]);
        Assert.Equal(1, intake.Report.Rejected);
    }

    [Fact]
    public async Task The_same_content_has_the_same_fingerprint_and_another_reading_of_it_another()
    {
        var bytes = Encoding.UTF8.GetBytes("Company,First Name\nAcme,Ann\n");
        var first = await FingerprintAsync(bytes, "crm_data", new UploadOptions { FileName = "a.csv" });
        Assert.Equal(first, await FingerprintAsync(bytes, "crm_data", new UploadOptions { FileName = "b.csv" }));
        Assert.NotEqual(first, await FingerprintAsync([.. bytes, (byte)'\n'], "crm_data", new UploadOptions()));
        Assert.NotEqual(first, await FingerprintAsync(bytes, "customer_companies", new UploadOptions()));
        Assert.NotEqual(first, await FingerprintAsync(bytes, "crm_data", new UploadOptions { PreambleLines = 1 }));
        Assert.NotEqual(first, await FingerprintAsync(bytes, "crm_data", new UploadOptions { HasHeader = false }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(200_000)]
    public async Task A_quote_never_closed_rejects_its_line_alone_however_long_the_file(int rows)
    {
        var text =
            "Company,First Name,City\nAcme,Ann,Rome\nGlobex,\"Bob,Oslo\n" + string.Concat(Enumerable.Repeat("Initech,Carl,Bonn\n", rows));
        var (report, read) = await Reading.ReadAsync(text);
        Assert.Equal(rows + 1, report.Accepted);
        Assert.Equal(
            (3L, "unclosed_quote", "Globex,\"Bob,Oslo"),
            report.Rejections.Select(r => (r.Line, r.Code, Encoding.UTF8.GetString(r.Raw.Span))).Single());
        Assert.Equal("""["Initech","Carl","Bonn"]""", read[^1].Json);
    }

    [Fact]
    public async Task A_cell_of_two_megabytes_is_named_with_its_line_and_column_in_any_encoding()
    {
        var text = "preamble\nCompany,First Name\nAcme,Ann\nGlobex,Bob," + new string('é', 2_000_000) + "\n";
        var error = await Reading.RefusedAsync(
            new MemoryStream(Encoding.Latin1.GetBytes(text)),
            new UploadOptions { Encoding = "latin1", PreambleLines = 1 });
        Assert.Equal("record_too_long", error.Code);
        Assert.Contains("begins on line 4", error.Message, StringComparison.Ordinal);
        Assert.Contains("column 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_byte_deep_in_a_file_refuses_it_before_a_row_is_staged()
    {
        byte[] bytes =
        [
            .. Encoding.UTF8.GetBytes("Company\n" + string.Concat(Enumerable.Repeat("Łódź\n", 200_000))),
            0xA3,
            (byte)'x',
            (byte)'\n',
        ];
        var error = await Assert.ThrowsAsync<UploadException>(() =>
            UploadReader.OpenAsync(new MemoryStream(bytes), Workstream.Any, new UploadOptions(), [], default));
        Assert.Equal("encoding_uncertain", error.Code);
        Assert.Contains("line 200002", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_character_cut_by_a_read_is_no_fault()
    {
        foreach (var padding in Enumerable.Range(0, 8))
        {
            var text = "Company\n" + new string('x', padding) + string.Concat(Enumerable.Repeat("漢😀é", 60_000)) + "\n";
            await using var slow = new OneWayStream(Encoding.UTF8.GetBytes(text), 1000 + padding);
            var (report, _) = await Reading.ReadAsync(slow, Workstream.Any, new UploadOptions());
            Assert.Equal("utf-8", report.Encoding);
            Assert.Equal(1, report.Accepted);
        }
    }

    [Fact]
    public async Task A_batch_stands_while_the_next_is_read_and_row_numbers_are_kept_by_rejected_rows()
    {
        var text = "Company,First Name\n" + string.Concat(Enumerable.Range(1, 12_500).Select(i => i % 7 == 0 ? $"C{i},\n" : $"C{i},Ann\n"));
        await using var intake = await UploadReader.OpenAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(text)),
            Reading.Workstream("crm_data"),
            new UploadOptions(),
            [],
            default);
        var all = new List<int>();
        RowBatch? before = null;
        await foreach (var batch in intake.ReadAsync())
        {
            Assert.InRange(batch.Count, 1, UploadLimits.MaxBatchRows);
            Take(before);
            before = batch;
        }

        Take(before);
        Assert.Equal(Enumerable.Range(1, 12_500), all);
        Assert.Equal(100, intake.Report.Rejections.Length);
        Assert.Equal(1785, intake.Report.Rejected);

        void Take(RowBatch? batch)
        {
            if (batch is not var (accepted, rejected))
            {
                return;
            }

            Assert.All(accepted, r => Assert.Equal($"[\"C{r.Row}\",\"Ann\"]", Encoding.UTF8.GetString(r.Raw.Span)));
            Assert.All(rejected, r => Assert.Equal(0, r.Row % 7));
            all.AddRange(accepted.Select(r => r.Row).Concat(rejected.Select(r => r.Row)).Order());
        }
    }

    [Fact]
    public async Task The_raw_text_of_a_rejected_row_is_kept_as_it_stood_and_cut_with_a_mark_above_the_limit()
    {
        var small = "Acme,Ann,\"a\r\nb \"\"c\"\"\"";
        var large = "Acme,Ann," + new string('é', 100_000);
        await using var intake = await UploadReader.OpenAsync(
            new MemoryStream(Encoding.UTF8.GetBytes($"Company,First Name\r\n{small}\r\n{large}\r\n")),
            Workstream.Any,
            new UploadOptions { Delimiter = ',' },
            [],
            default);
        var rejected = new List<StagedReject>();
        await foreach (var batch in intake.ReadAsync())
        {
            rejected.AddRange(batch.Rejected);
        }

        Assert.Equal(small, Encoding.UTF8.GetString(rejected[0].Raw.Span));
        var cut = Encoding.UTF8.GetString(rejected[1].Raw.Span);
        Assert.EndsWith("… [cut: 200009 bytes in all]", cut, StringComparison.Ordinal);
        Assert.StartsWith("Acme,Ann,éé", cut, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', cut);
    }

    [Fact]
    public async Task Headers_match_alike_under_a_Turkish_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            var (report, _) = await Reading.ReadAsync(
                "COMPANY LINKEDIN,FIRST NAME,EMAIL,TITLE,Lİ\nx,Ann,a@x.com,CTO,y\n",
                Reading.Workstream("crm_data"));
            Assert.Equal(
                ["company.linkedin_url", "person.email", "person.first_name", "person.title"],
                report.Mapped.Select(m => m.Field).Order());
            Assert.Equal("1", report.ToJson().Split("\"rows\":")[1][..1]);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task Content_that_changes_between_the_two_readings_is_noticed()
    {
        var stream = new MemoryStream();
        stream.Write(Encoding.UTF8.GetBytes("Company\nAcme\n"));
        stream.Position = 0;
        await using var intake = await UploadReader.OpenAsync(stream, Workstream.Any, new UploadOptions(), [], default);
        stream.Position = stream.Length;
        stream.Write(Encoding.UTF8.GetBytes("Globex\n"));
        var error = await Assert.ThrowsAsync<UploadException>(async () =>
        {
            await foreach (var batch in intake.ReadAsync())
            {
                Assert.NotEqual(0, batch.Count);
            }
        });
        Assert.Equal("source_changed", error.Code);
    }

    [Fact]
    public async Task A_file_name_is_shown_without_its_folders()
    {
        var (report, _) = await Reading.ReadAsync("a,b\n1,2\n", options: new UploadOptions { FileName = "..\\..\\etc/passwd.csv" });
        Assert.Equal("passwd.csv", report.FileName);
    }

    [Fact]
    public async Task JSON_lines_beyond_the_limits_are_rejected_and_the_next_lines_are_read()
    {
        var wide = "{" + string.Join(',', Enumerable.Range(0, 5001).Select(i => $"\"p{i}\":1")) + "}";
        var text = $"{{\"a\":1}}\n{{\"a\":\"{new string('x', 2_000_000)}\"}}\n{wide}\n{{\"b\":2}}\n";
        var (report, rows) = await Reading.ReadAsync(text);
        Assert.Equal(["[1]", "[null,2]"], rows.Select(r => r.Json));
        Assert.Equal(["row_too_large", "too_many_columns"], report.Rejections.Select(r => r.Code));
        Assert.Equal(["a", "b"], report.Columns.Select(c => c.Name));
    }

    private static async Task<byte[]> FingerprintAsync(byte[] content, string workstream, UploadOptions options)
    {
        await using var intake = await UploadReader.OpenAsync(
            new MemoryStream(content), Reading.Workstream(workstream), options, [], default);
        return intake.Fingerprint.ToArray();
    }

    private static async IAsyncEnumerable<Lead> Leads()
    {
        await Task.Yield();
        yield return new Lead("Acme", "acme.com", 10);
        yield return new Lead(" ", "nobody.com", 1);
        yield return new Lead("Globex", null, null);
    }

    private sealed record Lead(string Name, string? Domain, int? Size);
}
