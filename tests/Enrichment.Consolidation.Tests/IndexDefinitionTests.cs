using System.Text;

namespace Enrichment.Consolidation.Tests;

/// <summary>What a definition says of how queries find rows.</summary>
public sealed class IndexDefinitionTests
{
    [Theory]
    [InlineData("""{ "name": "a", "type": "text_list", "sources": [{ "field": "f" }], "index": true }""", "Column 'a' has an index, but is of type text_list, whose values have no order. Remove 'index'.")]
    [InlineData("""{ "name": "a", "type": "text", "sources": [{ "field": "f" }], "hidden": true, "index": true }, { "name": "b", "is": "a" }""", "Column 'a' has an index, but is hidden: the table does not have it. Remove 'index'.")]
    [InlineData("""{ "name": "b", "type": "date", "sources": [{ "field": "f" }] }, { "name": "a", "is": "b < as_of", "index": true }""", "Column 'a' has an index, but depends on as_of: an index of the column that it compares serves it. Remove 'index'.")]
    [InlineData("""{ "name": "a", "type": "integer", "sources": [{ "field": "f" }], "search": true }""", "Column 'a' is searched, but is of type integer: only a text has words. Remove 'search'.")]
    [InlineData("""{ "name": "a", "type": "text", "sources": [{ "field": "f" }], "hidden": true, "search": true }, { "name": "b", "is": "a" }""", "Column 'a' is searched, but is hidden: the table does not have it. Remove 'search'.")]
    public void An_index_is_of_a_column_that_the_table_has_in_an_order(string columns, string problem) => Assert.Contains(
        problem,
        Assert.Throws<EnrichmentException>(() => Projection.Parse($$"""{ "name": "x", "columns": [{{columns}}] }""")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void An_index_is_written_as_it_is_read()
    {
        var projection = Projection.Define("x", p => p
            .Text("a", s => s.Field("f").Indexed())
            .Is("b", "lower(a)", indexed: true)
            .Compute("c", "twice", 1, row => (string?)row["a"], indexed: true)
            .Text("d", s => s.Field("f").Searched())
            .Is("e", "lower(a)", searched: true));

        Assert.Equal([false, false, false, true, true], projection.Columns.Select(column => column.IsSearched));
        Assert.Equal([true, true, true, false, false], projection.Columns.Select(column => column.IsIndexed));
        var read = Projection.Parse(Encoding.UTF8.GetString(projection.Definition.Span));
        Assert.Equal(projection.Definition.ToArray(), read.Definition.ToArray());
    }
}
