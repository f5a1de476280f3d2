using System.Globalization;
using Enrichment.Parquet;

namespace Enrichment.Consolidation.Tests;

public sealed class ParquetFormatTests
{
    private static readonly ExportColumn[] Every =
    [
        new("t", typeof(string)), new("i", typeof(long)), new("n", typeof(decimal)), new("b", typeof(bool)), new("d", typeof(DateOnly)),
        new("at", typeof(DateTimeOffset)), new("l", typeof(IReadOnlyList<string>)), new("enrichment.status", typeof(string)),
    ];

    private static readonly object?[] Full =
    [
        "=1+1 漢😀\n\u0001", long.MinValue, -12.5m, true, new DateOnly(1, 1, 1),
        new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero).AddTicks(9_999_990), new[] { "", "a,b", "ü" }, "failed",
    ];

    [Fact]
    public async Task Every_type_is_read_back_and_a_null_and_what_is_empty_differ()
    {
        object?[] nothing = [.. new object?[Every.Length]];
        object?[] empty = ["", 0L, 0m, false, new DateOnly(9999, 12, 31), DateTimeOffset.UnixEpoch, Array.Empty<string>(), ""];
        await using var file = await WriteAsync(new(), Every, nothing, Full, empty, nothing, nothing, Full);

        var read = file.Read();

        double[] doubles = [.. read.Select(row => row[2]).OfType<double>()];
        Assert.Equal([-12.5, 0, -12.5], doubles);
        foreach (var (expected, found) in new[] { nothing, Full, empty, nothing, nothing, Full }.Zip(read))
        {
            Assert.Equal(expected.Where((_, column) => column != 2), found.Where((_, column) => column != 2));
        }

        Assert.Equal(
            [
                "t VARCHAR", "i BIGINT", "n DOUBLE", "b BOOLEAN", "d DATE", "at TIMESTAMP WITH TIME ZONE", "l VARCHAR[]", "enrichment.status VARCHAR",
            ],
            file.Read("select column_name, column_type from (describe from file)").Select(column => string.Join(' ', column)));
    }

    [Fact]
    public async Task A_file_without_rows_has_its_columns()
    {
        await using var file = await WriteAsync(new(), Every);

        Assert.Empty(file.Read());
        Assert.Equal([Every.Length], file.Read("select cast(count(*) as integer) from (describe from file)")[0]);
    }

    [Fact]
    public async Task A_row_group_has_50000_rows_or_fewer_if_texts_are_long()
    {
        await using var many = await WriteAsync(
            new(), [new("i", typeof(long))], [.. Enumerable.Range(0, 120_001).Select(row => new object?[] { row % 7 == 0 ? null : (long)row })]);
        await using var wide = await WriteAsync(
            new(), [new("t", typeof(string))], [.. Enumerable.Range(0, 100).Select(_ => new object?[] { new string('x', 1_000_000) })]);

        Assert.Equal([50_000L, 50_000L, 20_001L], many.Read(Groups).Select(group => group[0]));
        Assert.Equal([34L, 34L, 32L], wide.Read(Groups).Select(group => group[0]));
        Assert.Equal(
            Enumerable.Range(0, 120_001).Where(row => row % 7 != 0).Sum(row => (long)row),
            Convert.ToInt64(many.Read("select cast(sum(i) as bigint) from file")[0][0], CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0.1")]
    [InlineData("123456789012345")]
    [InlineData("999999999999999")]
    [InlineData("0.0000000000000000000000000001")]
    [InlineData("0.8712345678901235")]
    [InlineData("1234567890123456800")]
    public async Task A_number_that_a_DOUBLE_holds_is_read_back_with_all_of_its_digits(string number)
    {
        var value = decimal.Parse(number, CultureInfo.InvariantCulture);
        await using var file = await WriteAsync(new(), [new("n", typeof(decimal))], [value]);

        var found = Assert.IsType<double>(file.Read()[0][0]).ToString("R", CultureInfo.InvariantCulture);

        Assert.Equal(value, decimal.Parse(found, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("12345678901234567891")]
    [InlineData("0.12345678901234567")]
    [InlineData("9999999999999999999999999999")]
    [InlineData("-79228162514264337593543950335")]
    public async Task A_number_that_no_DOUBLE_holds_is_refused_or_written_as_text(string number)
    {
        ExportColumn[] columns = [new("n", typeof(decimal))];
        object?[] row = [decimal.Parse(number, CultureInfo.InvariantCulture)];

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => WriteAsync(new(), columns, row));
        await using var file = await WriteAsync(new() { NumbersAsText = true }, columns, row);

        Assert.StartsWith($"Column 'n' has the number {number}, of which a DOUBLE", refused.Message, StringComparison.Ordinal);
        Assert.Equal(number, file.Read()[0][0]);
    }

    [Fact]
    public async Task Rows_of_a_child_table_have_no_place_in_a_row()
    {
        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => WriteAsync(new(), [new("jobs", typeof(object)) { Columns = Every }]));

        Assert.StartsWith("A row of Parquet has no place for the rows of 'jobs'.", refused.Message, StringComparison.Ordinal);
    }

    private const string Groups =
        "select row_group_num_rows from parquet_metadata('file') where column_id = 0 order by row_group_id";

    private static async Task<ParquetFile> WriteAsync(ParquetFormat format, ExportColumn[] columns, params object?[][] rows)
    {
        var file = new ParquetFile();
        try
        {
            await ((IExportFormat)format).WriteAsync(columns, rows.ToAsyncEnumerable(), file.Content, default);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
