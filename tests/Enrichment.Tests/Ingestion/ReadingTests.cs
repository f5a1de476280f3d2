using Enrichment.Ingestion;
using Enrichment.TestKit;

namespace Enrichment.Tests.Ingestion;

/// <summary>How files are read that people really have: what is accepted, what is rejected and why, or why nothing can be read.</summary>
public sealed class ReadingTests
{
    private const int RowsShown = 3;
    private const int RejectionsShown = 8;

    [Fact]
    public async Task Collected_files_are_read_as_approved()
    {
        var folder = Path.Combine(TestPaths.RepositoryRoot, "tests", "data", "ingestion");
        var table = new List<string>();
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            table.AddRange(await TellAsync(new(Path.GetFileName(path), await File.ReadAllBytesAsync(path))));
        }

        Snapshot.Match(string.Join('\n', table));
    }

    [Fact]
    public async Task Damaged_files_are_read_as_approved()
    {
        var table = new List<string>();
        foreach (var file in DamagedFiles.All)
        {
            table.AddRange(await TellAsync(file));
        }

        Snapshot.Match(string.Join('\n', table));
    }

    private static async Task<List<string>> TellAsync(DamagedFile file)
    {
        var text = new List<string> { $"== {file.Name}" };
        try
        {
            var (report, rows) = await Reading.ReadAsync(
                new MemoryStream(file.Content),
                Workstream.Any,
                (file.Options ?? new UploadOptions()) with
                {
                    FileName = file.Name,
                    MaxListedRejections = RejectionsShown,
                });
            Assert.Equal(report.Accepted, rows.Count);
            Assert.Equal(report.Rows, report.Accepted + report.Rejected);
            var preamble = report.PreambleLines > 0 ? $", {report.PreambleLines} lines above the header" : "";
            var irregular = report.IrregularQuotes > 0 ? $", {report.IrregularQuotes} with irregular quotes" : "";
            text.Add(
                $"{report.Format}, {report.Encoding}, delimiter {Shown(report.Delimiter ?? "none")}{preamble}: {report.Accepted} accepted, {report.Rejected} rejected{irregular}");
            text.Add($"columns: {string.Join(" | ", report.Columns.Select(column => Shown(column.Name)))}");
            foreach (var (row, json) in rows.Take(RowsShown))
            {
                text.Add($"  {row}: {Shown(json)}");
            }

            if (rows.Count > RowsShown)
            {
                text.Add($"  … {rows[^1].Row}: {Shown(rows[^1].Json)}");
            }

            foreach (var rejection in report.Rejections)
            {
                text.Add(
                    $"  line {rejection.Line} {rejection.Code}: {Shown(System.Text.Json.JsonSerializer.SerializeToElement(rejection).GetProperty("Raw").GetString()!)}");
            }
        }
        catch (UploadException e)
        {
            text.Add($"refused, {e.Code}: {Shown(e.Message)}");
        }

        text.Add("");
        return text;
    }

    private static string Shown(string text) => text.Length > 300 ? Shown(text[..300]) + "…" : string.Concat(text.Select(c => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        < ' ' or (>= '\u007F' and <= '\u00A0') or '\u200B' or '\uFEFF' => $"\\u{(int)c:X4}",
        _ => c.ToString(),
    }));
}
