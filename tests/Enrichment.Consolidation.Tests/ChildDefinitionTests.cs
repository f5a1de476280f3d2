using System.Text;

namespace Enrichment.Consolidation.Tests;

public sealed class ChildDefinitionTests
{
    private const string Json = """
        { "name": "people",
          "columns": [ { "name": "a", "type": "text", "sources": [{ "column": "A" }] }, { "name": "n", "is": "count(jobs where began is null)" } ],
          "children": [
            { "name": "jobs", "table": "people_jobs", "each": { "result": "vendor.person", "pointer": "/jobs" }, "key": ["title"], "twins": "number",
              "columns": [ { "name": "title", "type": "text", "sources": [{ "pointer": "/title" }, { "pointer": "/t" }], "normalise": "company_name" },
                           { "name": "began", "type": "partial_date", "sources": [{ "pointer": "/from", "observed": "/seen" }], "choose": "latest" },
                           { "name": "year", "is": "year(earliest(began))" } ] },
            { "name": "schools", "each": [{ "field": "person.schools" }, { "column": "Schools" }], "twins": "one",
              "columns": [ { "name": "school", "type": "text", "sources": [{ "pointer": "" }], "required": true } ] } ] }
        """;

    [Fact]
    public void In_code_in_a_file_and_written_again_a_definition_is_the_same()
    {
        var projection = Projection.Parse(Json);
        var code = Projection.Define("people", p => p
            .Text("a", s => s.Column("A"))
            .Is("n", "count(jobs where began is null)")
            .Children("jobs", c => c
                .Table("people_jobs")
                .Each(s => s.Result("vendor.person", "/jobs"))
                .Key("title")
                .NumberTwins()
                .Text("title", s => s.At("/title").At("/t").Normalise("company_name"))
                .PartialDate("began", s => s.At("/from", observed: "/seen").Latest())
                .Is("year", "year(earliest(began))"))
            .Children("schools", c => c
                .Each(s => s.Field("person.schools").Column("Schools"))
                .Text("school", s => s.At("").Required())));

        Assert.Equal(Encoding.UTF8.GetString(projection.Definition.Span), Encoding.UTF8.GetString(code.Definition.Span));
        Assert.Equal(projection.Hash.ToArray(), Projection.Parse(Encoding.UTF8.GetString(code.Definition.Span)).Hash.ToArray());
        Assert.NotEqual(
            projection.Hash.ToArray(),
            Projection.Parse(Json.Replace("\"number\"", "\"one\"", StringComparison.Ordinal)).Hash.ToArray());
        Assert.Equal(["title", "began", "began_last", "year"], projection.Children[0].Stored.Select(column => column.Name));
    }

    [Theory]
    [InlineData("\"number\"", "\"all\"", "$.children[0].twins: expected \"one\" or \"number\", found \"all\"")]
    [InlineData("\"each\": {", "\"every\": {", "$.children[0].every: a child table has no property 'every'")]
    [InlineData("{ \"pointer\": \"/t\" }", "{ \"field\": \"t\" }", "$.children[0].columns[0].sources[1].field: a source in an element has no property")]
    [InlineData("{ \"pointer\": \"/t\" }", "{ \"pointer\": \"t\" }", "$.children[0].columns[0].sources[1].pointer: 't' is not a JSON pointer")]
    [InlineData("{ \"column\": \"A\" }", "{ \"pointer\": \"/a\" }", "$.columns[0].sources[0]: a source is one of")]
    [InlineData("\"key\": [\"title\"]", "\"key\": [\"titel\"]", "Of the children 'jobs': Their key names 'titel', which is not one of their columns")]
    [InlineData("\"name\": \"year\"", "\"name\": \"twin\"", "'twin' cannot be a column: every child table has one")]
    [InlineData("\"table\": \"people_jobs\"", "\"table\": \"people\"", "The table 'people' is that of 2 things")]
    [InlineData("\"table\": \"people_jobs\"", "\"table\": \"batches\"", "'batches' cannot be its table")]
    [InlineData("\"name\": \"schools\"", "\"name\": \"jobs\"", "The children 'jobs' are declared 2 times")]
    [InlineData("\"name\": \"schools\"", "\"name\": \"a\"", "'a' is the name of a column and of children")]
    [InlineData("\"year(earliest(began))\"", "\"count(schools)\"", "'schools' is no child table")]
    [InlineData("\"year(earliest(began))\"", "\"began < as_of\"", "Column 'year' depends on as_of: only a column of the row may")]
    [InlineData("began is null", "begun is null", "Did you mean 'began'?")]
    [InlineData("count(jobs", "count(job", "Did you mean 'jobs'?")]
    [InlineData("\"pointer\": \"/from\", \"observed\": \"/seen\"", "\"pointer\": \"/from\", \"confidence\": 1", "has a confidence that it does not choose by")]
    public void A_definition_that_is_not_sound_is_refused_with_the_place(string written, string instead, string message)
    {
        Assert.Contains(written, Json, StringComparison.Ordinal);
        var refusal = Assert.Throws<EnrichmentException>(() => Projection.Parse(Json.Replace(written, instead, StringComparison.Ordinal)));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }
}
