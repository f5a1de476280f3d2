using System.Globalization;
using System.Text;
using Enrichment.Ingestion.Fields;
using Enrichment.TestKit;

namespace Enrichment.Tests.Ingestion.Fields;

/// <summary>Holds docs/reference/fields.md to the vocabulary.</summary>
public sealed class FieldsPageTests
{
    private const string Begin = "<!-- from fields.json: begin -->\n";
    private const string End = "<!-- from fields.json: end -->";
    private static readonly string Page = Path.Combine(TestPaths.RepositoryRoot, "docs", "reference", "fields.md");

    [Fact]
    public void The_page_shows_every_field_and_every_header()
    {
        var page = File.ReadAllText(Page).ReplaceLineEndings("\n");
        var begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = page.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"{Page} has lost the marks between which the tables stand.");

        var tables = Tables();
        if (Environment.GetEnvironmentVariable(Snapshot.AcceptVariable) == "1")
        {
            File.WriteAllText(Page, page[..begin] + tables + page[end..]);
            return;
        }

        Assert.True(
            page[begin..end] == tables,
            $"{Page} does not show fields.json. Run this test with {Snapshot.AcceptVariable}=1 and read the diff.");
    }

    private static string Tables()
    {
        var vocabulary = FieldVocabulary.Shared;
        var text = new StringBuilder("\n| field | what it is | headers, best first |\n|---|---|---|\n");
        foreach (var field in vocabulary.Fields)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| `{field.Name}` | {field.Is} | {string.Join(", ", field.Headers.Select(Header))} |\n");
        }

        text.Append("\n## Headers of both persons and companies\n\n| name | headers, best first |\n|---|---|\n");
        foreach (var (name, headers) in vocabulary.Either)
        {
            text.Append(CultureInfo.InvariantCulture, $"| *{name}* | {string.Join(", ", headers)} |\n");
        }

        return text.Append('\n').ToString();
    }

    private static string Header(string header) => header[0] == '@' ? $"*{header[1..]}*" : header;
}
