using System.Text;
using Enrichment.TestKit;

namespace Enrichment.Tests.Ingestion.Fields;

/// <summary>
/// A list as a product writes it, and the field that each of its columns must feed: a section of a file below tests/data/exports.
/// </summary>
/// <param name="Name">What it is, and where its headers are from.</param>
/// <param name="Columns">In their order.</param>
/// <param name="File">The file below tests/data/ingestion that has these columns; null: the test makes one of them.</param>
internal sealed record ExportCase(string Name, IReadOnlyList<ExportColumn> Columns, string? File)
{
    private static readonly string Folder = Path.Combine(TestPaths.RepositoryRoot, "tests", "data");

    public static IReadOnlyList<ExportCase> All { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Folder, "exports"), "*.txt").Order(StringComparer.Ordinal).SelectMany(Read)];

    /// <summary>The list as CSV.</summary>
    public Stream Open()
    {
        if (File is not null)
        {
            return System.IO.File.OpenRead(Path.Combine(Folder, "ingestion", File));
        }

        var csv = new StringBuilder();
        csv.AppendJoin(',', Columns.Select(column => Quoted(column.Header))).Append('\n');
        foreach (var row in (int[])[0, 1])
        {
            csv.AppendJoin(',', Columns.Select(column => Quoted(column.Value(row)))).Append('\n');
        }

        return new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString()));
    }

    private static string Quoted(string cell) => $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static IEnumerable<ExportCase> Read(string path)
    {
        var isOfFiles = Path.GetFileName(path) == "files.txt";
        foreach (
            var section in System.IO.File.ReadAllText(path).ReplaceLineEndings("\n").Split("== ", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = section.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            yield return new(lines[0], [.. lines.Skip(1).Select(ExportColumn.Parse)], isOfFiles ? lines[0] : null);
        }
    }
}
