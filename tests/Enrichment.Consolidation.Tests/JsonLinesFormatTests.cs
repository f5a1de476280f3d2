using System.Text;
using System.Text.Json;

namespace Enrichment.Consolidation.Tests;

public sealed class JsonLinesFormatTests
{
    [Fact]
    public async Task Every_type_is_what_it_is_in_JSON_and_each_row_is_one_line()
    {
        ExportColumn[] columns =
        [
            new("t", typeof(string)), new("i", typeof(long)), new("n", typeof(decimal)), new("b", typeof(bool)), new("d", typeof(DateOnly)),
            new("at", typeof(DateTimeOffset)), new("l", typeof(IReadOnlyList<string>)), new("j", typeof(string)) { IsJson = true },
            new("jobs", typeof(IReadOnlyList<IReadOnlyList<object?>>)) { Columns = [new("title", typeof(string)), new("years", typeof(long))] },
        ];

        Assert.Equal(
            """
            {"t":"=1+1 \"ä\"\nb","i":-9223372036854775808,"n":1234567890123456789012345678,"b":true,"d":"2024-02-29","at":"2024-05-06T05:08:09.1234Z","l":["-x","漢"],"j":{ "a":1e400, "b":"\n"},"jobs":[{"title":"x","years":2},{"title":null,"years":null}]}
            {"t":null,"i":null,"n":null,"b":null,"d":null,"at":null,"l":null,"j":null,"jobs":[]}

            """,
            await WriteAsync(
                columns,
                [
                    "=1+1 \"ä\"\nb",
                    long.MinValue,
                    1234567890123456789012345678m,
                    true,
                    new DateOnly(2024, 2, 29),
                    new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.FromHours(2)).AddTicks(1234000),
                    new[] { "-x", "漢" },
                    "{\n\"a\":1e400,\r\"b\":\"\\n\"}".Replace("\r", "\n", StringComparison.Ordinal),
                    new object?[][] { ["x", 2L], [null, null] },
                ],
                [.. new object?[8], Array.Empty<object?[]>()]));
    }

    [Fact]
    public async Task Many_rows_are_many_lines_that_a_reader_of_JSON_reads_back()
    {
        var texts = Enumerable.Range(0, 10_000).Select(row => $"{row} \u2028\u0000\"\\ 😀".Replace("\0", "\u0001", StringComparison.Ordinal)).ToList();

        var lines = (await WriteAsync([new("t", typeof(string))], [.. texts.Select(text => new object?[] { text })])).Split('\n');

        Assert.Equal("", lines[^1]);
        Assert.Equal(texts, lines[..^1].Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("t").GetString()));
    }

    private static async Task<string> WriteAsync(ExportColumn[] columns, params object?[][] rows)
    {
        using var output = new MemoryStream();
        await ((IExportFormat)new JsonLinesFormat()).WriteAsync(columns, rows.ToAsyncEnumerable(), output, default);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
