using System.Globalization;
using System.Text;

namespace Enrichment.Consolidation.Tests;

public sealed class CsvExportTests
{
    private static readonly ExportColumn[] Every =
    [
        new("t", typeof(string)), new("i", typeof(long)), new("n", typeof(decimal)), new("b", typeof(bool)), new("d", typeof(DateOnly)),
        new("at", typeof(DateTimeOffset)), new("l", typeof(IReadOnlyList<string>)), new("j", typeof(string)) { IsJson = true },
    ];

    [Fact]
    public async Task Every_type_has_one_notation_and_null_is_empty() =>
        Assert.Equal(
            "t,i,n,b,d,at,l,j\r\n"
                + "\"a \"\"b\"\", c\",-5,-12.5,true,2024-02-29,2024-05-06T05:08:09.1234Z,\"[\"\"-x\"\",\"\"漢😀\"\"]\",\"{\"\"a\"\":1}\"\r\n"
                + ",,,,,,,\r\n",
            await WriteAsync(
                [
                    "a \"b\", c",
                    -5L,
                    -12.50m,
                    true,
                    new DateOnly(2024, 2, 29),
                    DateTimeOffset.Parse("2024-05-06T07:08:09.1234+02:00", CultureInfo.InvariantCulture),
                    new[] { "-x", "漢😀" },
                    "{\"a\":1}",
                ],
                new object?[8]));

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1 555")]
    [InlineData("-1+1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1", "\t'=1")]
    [InlineData("\r=1", "\r'=1")]
    [InlineData("\n=1+1", "\n'=1+1")]
    [InlineData("  \t=1+1", "  \t'=1+1")]
    [InlineData(" =1+1")]
    [InlineData("\u00A0=1+1")]
    [InlineData("\uFEFF=1+1")]
    [InlineData("\u200B=1+1")]
    [InlineData("\u001F=1+1")]
    [InlineData("x;=1+1", "x;'=1+1")]
    [InlineData("x; =1+1;y", "x;' =1+1;y")]
    [InlineData("x\t=1+1", "x\t'=1+1")]
    [InlineData("x\r\n@SUM(A1)", "x\r\n'@SUM(A1)")]
    [InlineData("x\u2028=1", "x\u2028'=1")]
    [InlineData("-1;-2+3", "-1;'-2+3")]
    [InlineData("＝1+1")]
    [InlineData("＋1")]
    [InlineData("－1")]
    [InlineData("＠x")]
    public async Task A_text_that_a_spreadsheet_would_run_gets_an_apostrophe_unless_raw(string text, string? disarmed = null)
    {
        var row = new object?[8];
        row[0] = text;

        Assert.StartsWith(disarmed ?? "'" + text, Cell(await WriteAsync(row)), StringComparison.Ordinal);
        Assert.StartsWith(text, Cell(await WriteAsync(raw: true, row)), StringComparison.Ordinal);

        static string Cell(string csv) => csv.Split("\r\n", 2)[1].TrimStart('"');
    }

    [Theory]
    [InlineData("+4930901820")]
    [InlineData("-12.5")]
    [InlineData("-1,234.50")]
    [InlineData("+1.5E-3")]
    [InlineData("a;-5")]
    [InlineData("a-b=c")]
    [InlineData("jane@acme.com")]
    public async Task A_number_or_a_text_within_which_a_sign_stands_stays_as_it_is(string text)
    {
        var row = new object?[8];
        row[0] = text;

        Assert.StartsWith(text, (await WriteAsync(row)).Split("\r\n", 2)[1].TrimStart('"'), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_and_a_delimiter_change_the_file_and_a_header_is_guarded_as_a_text_is()
    {
        using var output = new MemoryStream();
        await ((IExportFormat)new CsvFormat { ByteOrderMark = true, Delimiter = ';' }).WriteAsync(
            [new("=a", typeof(string)), new("b", typeof(long))], new object?[][] { ["x;y", -5L] }.ToAsyncEnumerable(), output, default);

        Assert.Equal("\uFEFF'=a;b\r\n\"x;y\";-5\r\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public async Task No_culture_changes_an_export()
    {
        object?[] row = [null, 1234567L, 1234.5m, false, new DateOnly(2024, 1, 2), DateTimeOffset.UnixEpoch, null, null];
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ar-SA");
            Assert.EndsWith(
                "\r\n,1234567,1234.5,false,2024-01-02,1970-01-01T00:00:00Z,,\r\n",
                await WriteAsync(row),
                StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static Task<string> WriteAsync(params object?[][] rows) => WriteAsync(false, rows);

    private static async Task<string> WriteAsync(bool raw, params object?[][] rows)
    {
        using var output = new MemoryStream();
        await ((IExportFormat)new CsvFormat { Raw = raw }).WriteAsync(Every, rows.ToAsyncEnumerable(), output, default);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
