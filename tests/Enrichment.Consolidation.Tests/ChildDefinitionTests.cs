using System.Text;
using Enrichment.Consolidation.Changes;

namespace Enrichment.Consolidation.Tests;

public sealed class ChildDefinitionTests
{
    private const string Json = """
        { "name": "people",
          "columns": [ { "name": "a", "type": "text", "sources": [{ "column": "A" }] }, { "name": "n", "is": "count(jobs where began is null and title in known.title)" } ],
          "lists": [ { "name": "known", "workstream": "titles", "columns": [ { "name": "title", "type": "text", "sources": [{ "field": "title" }], "normalise": "company_name" },
                                                                            { "name": "since", "type": "integer", "sources": [{ "column": "Y" }] } ] } ],
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
            .Is("n", "count(jobs where began is null and title in known.title)")
            .List("known", "titles", l => l
                .Text("title", s => s.Field("title").Normalise("company_name"))
                .Integer("since", s => s.Column("Y")))
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
    [InlineData(
        "\"name\": \"people\",",
        "\"name\": \"people\", \"fold\": \"columns\",",
        "It folds columns, but has no key: name the columns that items of one row have alike.")]
    [InlineData(
        "\"name\": \"people\",",
        "\"name\": \"people\", \"fold\": \"rows\",",
        "$.fold: expected \"row\" or \"columns\", found \"rows\"")]
    [InlineData(
        "\"name\": \"people\",",
        "\"name\": \"people\", \"from\": { \"workstreams\": [] },",
        "$.from: 'workstreams' has a name at least.")]
    [InlineData(
        "\"name\": \"people\",",
        "\"name\": \"people\", \"from\": { \"workstreams\": [\"w\", \"w\"] },",
        "It names the workstream 'w' 2 times: keep one.")]
    [InlineData(
        "\"columns\": [ { \"name\": \"a\", \"type\": \"text\", \"sources\": [{ \"column\": \"A\" }] }, { \"name\": \"n\", \"is\": \"count(jobs where",
        "\"key\": [\"a\"], \"fold\": \"columns\", \"columns\": [ { \"name\": \"a\", \"type\": \"text\", \"sources\": [{ \"column\": \"A\" }] }, { \"name\": \"b\", \"type\": \"text\", \"sources\": [{ \"column\": \"B\" }] }, { \"name\": \"n\", \"is\": \"count(jobs where title = b and",
        "Column 'n' names 'b', which is folded from several items, together with 'jobs', whose rows are one item's.")]
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
    [InlineData("in known.title", "in knwon.title", "Did you mean 'known'?")]
    [InlineData("in known.title", "in known.since", "a text cannot be in known.since, which holds an integer")]
    [InlineData("\"workstream\": \"titles\"", "\"workstream\": \"\"", "Of the list 'known': It has no workstream")]
    [InlineData("\"type\": \"integer\"", "\"type\": \"boolean\"", "Of the list 'known': Column 'since' is of type boolean: a list holds texts")]
    [InlineData("[{ \"column\": \"Y\" }]", "[{ \"column\": \"Y\" }], \"required\": true", "a row without a value adds none to a list")]
    [InlineData("\"name\": \"known\"", "\"name\": \"jobs\"", "'jobs' is the name of a list and of something else")]
    [InlineData("began is null", "begun is null", "Did you mean 'began'?")]
    [InlineData("count(jobs", "count(job", "Did you mean 'jobs'?")]
    [InlineData("\"pointer\": \"/from\", \"observed\": \"/seen\"", "\"pointer\": \"/from\", \"confidence\": 1", "has a confidence that it does not choose by")]
    public void A_definition_that_is_not_sound_is_refused_with_the_place(string written, string instead, string message)
    {
        Assert.Contains(written, Json, StringComparison.Ordinal);
        var refusal = Assert.Throws<EnrichmentException>(() => Projection.Parse(Json.Replace(written, instead, StringComparison.Ordinal)));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"sources\": [{ \"pointer\": \"\" }]", "\"sources\": [{ \"pointer\": \"/name\" }]", false, "Rows of the child table 'schools' may change: it is declared in another way.")]
    [InlineData("\"name\": \"year\"", "\"name\": \"began_in\"", false, "Column 'year' (integer) of the child table 'people_jobs' is dropped with its values.", "Column 'began_in' (integer) of the child table 'people_jobs' is added.")]
    [InlineData("\"is\": \"year(earliest(began))\"", "\"is\": \"title\"", false, "Column 'year' of the child table 'people_jobs' becomes text instead of integer.", "Rows of the child table 'people_jobs' may change: it is declared in another way.")]
    [InlineData("\"table\": \"people_jobs\"", "\"table\": \"posts\"", false, "The child table 'jobs' is named 'posts' instead of 'people_jobs'.")]
    [InlineData("\"key\": [\"title\"], \"twins\"", "\"key\": [\"title\", \"year\"], \"twins\"", false, "The child table 'people_jobs' has one row for each title, year instead of one row for each title.")]
    [InlineData("{ \"name\": \"year\", \"is\"", "{ \"name\": \"month\", \"is\": \"month(earliest(began))\" }, { \"name\": \"year\", \"is\"", true, "Column 'month' (integer) of the child table 'people_jobs' is added.")]
    [InlineData("\"titles\"", "\"other\"", false, "Values of expressions with the list 'known' may change: it is declared in another way.")]
    [InlineData("\"name\": \"schools\"", "\"name\": \"studies\"", false, "The child table 'studies' is added.", "The child table 'schools' is dropped with its rows.")]
    public void A_change_of_child_tables_or_lists_is_told_in_sentences(
        string written, string instead, bool compatible, params string[] sentences)
    {
        var change = ProjectionChange.Between(
            Projection.Parse(Json),
            Projection.Parse(Json.Replace(written, instead, StringComparison.Ordinal)));

        Assert.Equal(sentences, change.Parts.Select(part => part.Sentence));
        Assert.Equal(compatible, change.IsCompatible);
        string[] breaking = ["is dropped", "becomes", "instead of"];
        Assert.Equal(
            sentences.Where(sentence => breaking.Any(word => sentence.Contains(word, StringComparison.Ordinal))),
            change.Breaking.Select(part => part.Sentence));
    }
}
