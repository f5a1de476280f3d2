using Enrichment.Consolidation.Changes;

namespace Enrichment.Consolidation.Tests;

public sealed class ProjectionChangeTests
{
    private const string Live = """
        { "name": "x", "key": ["email"],
          "buckets": { "size": { "order": ["s", "m"], "upTo": [[50, "s"], [99, "m"]] } },
          "columns": [
            { "name": "email", "type": "text", "sources": [{ "field": "person.email" }] },
            { "name": "n", "type": "integer", "sources": [{ "result": "one", "pointer": "/n" }, { "column": "N" }] },
            { "name": "d", "type": "date", "sources": [{ "column": "D" }] },
            { "name": "twice", "is": "n * 2" },
            { "name": "big", "is": "twice > 10" },
            { "name": "bucket_of_n", "is": "bucket('size', n)" },
            { "name": "is_late", "is": "d < as_of" } ] }
        """;

    [Theory]
    [InlineData("", "", true)]
    [InlineData("""{ "name": "d", "type""", """{ "name": "o", "type": "text", "sources": [{ "column": "O" }] }, { "name": "d", "type""", true,
        "Column 'o' (text) is added.")]
    [InlineData("""{ "name": "is_late", "is": "d < as_of" }""", """{ "name": "is_late", "is": "d < as_of" }, { "name": "soon", "is": "d > as_of" }""", true,
        "Column 'soon' (boolean) is added.")]
    [InlineData("\"type\": \"date\"", "\"type\": \"partial_date\"", true,
        "Column 'd' is widened from date to partial_date: its values stay, and it takes more.",
        "Column 'is_late' takes more values: it is computed of 'd', which changes.")]
    [InlineData("\"type\": \"integer\"", "\"type\": \"number\"", true,
        "Column 'n' is widened from integer to number: its values stay, and it takes more.",
        "Column 'twice' is widened from integer to number: its values stay, and it takes more. It is computed of 'n', which changes.",
        "Column 'big' takes more values: it is computed of 'twice', which changes.",
        "Column 'bucket_of_n' takes more values: it is computed of 'n', which changes.")]
    [InlineData("\"type\": \"text\"", "\"type\": \"date\"", false, "Column 'email' becomes date instead of text.")]
    [InlineData(", { \"column\": \"N\" }", ", { \"column\": \"M\" }", false,
        "Values of column 'n' may change: it reads result one /n, column M instead of result one /n, column N.",
        "Values of column 'twice' may change: it is computed of 'n', which changes.",
        "Values of column 'big' may change: it is computed of 'twice', which changes.",
        "Values of column 'bucket_of_n' may change: it is computed of 'n', which changes.")]
    [InlineData("\"name\": \"d\", ", "\"name\": \"d\", \"choose\": \"max\", \"default\": \"2020-01-01\", \"required\": true, ", false,
        "Values of column 'd' may change: it chooses by 'max' instead of 'first', it has the default \"2020-01-01\" instead of null, it is required, so that rows without a value have an issue.",
        "Values of column 'is_late' may change: it is computed of 'd', which changes.")]
    [InlineData("\"column\": \"D\"", "\"column\": \"D\", \"format\": \"dd/MM/yyyy\"", false,
        "Values of column 'd' may change: it reads column D as dd/MM/yyyy instead of column D.",
        "Values of column 'is_late' may change: it is computed of 'd', which changes.")]
    [InlineData("\"name\": \"email\", ", "\"name\": \"email\", \"normalise\": \"email\", ", false,
        "Values of column 'email' may change: it is normalised as email instead of nothing.")]
    [InlineData("[99, \"m\"]", "[100, \"m\"]", false,
        "Values of column 'bucket_of_n' may change: it names the buckets 'size', which change.")]
    [InlineData("\"name\": \"d\", ", "\"name\": \"d2\", \"type\": \"date\", \"sources\": [{ \"column\": \"D\" }], \"hidden\": true }, { \"name\": \"d\", ", true)]
    [InlineData("\"is\": \"n * 2\"", "\"is\": \"n * 2\", \"hidden\": true", false,
        "Column 'twice' (integer) is hidden, and dropped from the table.")]
    [InlineData("\"is\": \"n * 2\"", "\"is\": \"n * 3\", \"hidden\": true", false,
        "Column 'twice' (integer) is hidden, and dropped from the table.",
        "Values of column 'big' may change: it is computed of 'twice', which changes.")]
    [InlineData("\"is\": \"n * 2\"", "\"is\": \"n * 2\", \"index\": true", true, "Column 'twice' gets an index.")]
    [InlineData("\"name\": \"email\", ", "\"name\": \"email\", \"search\": true, ", true, "Column 'email' is searched.")]
    [InlineData("twice > 10", "twice > 11", false, "Values of column 'big' may change: it is computed by twice > 11 instead of twice > 10.")]
    [InlineData("\"key\": [\"email\"]", "\"table\": \"y\"", false,
        "The table has one row for each item instead of one row for each email.",
        "The table is named 'y' instead of 'x'.")]
    [InlineData("\"key\":", "\"from\": { \"workstreams\": [\"b\", \"a\"] }, \"key\":", false,
        "The table has rows of the workstreams 'a', 'b' instead of all workstreams.")]
    [InlineData("""{ "name": "big", "is": "twice > 10" },""", "", false, "Column 'big' (boolean) is dropped with its values.")]
    [InlineData("""{ "name": "d", "type": "date", "sources": [{ "column": "D" }] },""", "", false,
        "Column 'is_late' becomes text instead of boolean. It is computed by email instead of d < as_of.",
        "Column 'd' (date) is dropped with its values.")]
    public void Each_difference_is_a_sentence_and_only_more_columns_and_wider_ones_are_compatible(
        string what, string by, bool compatible, params string[] sentences)
    {
        var json = what.Length == 0 ? Live : Live.Replace(what, by, StringComparison.Ordinal);
        if (!json.Contains("\"name\": \"d\"", StringComparison.Ordinal))
        {
            json = json.Replace("d < as_of", "email", StringComparison.Ordinal);
        }

        Assert.True(what.Length == 0 || json != Live);
        var change = ProjectionChange.Between(Projection.Parse(Live), Projection.Parse(json));

        Assert.Equal(sentences, change.Parts.Select(part => part.Sentence));
        Assert.Equal(compatible, change.IsCompatible);
    }

    [Fact]
    public void Another_expression_over_a_wider_column_is_not_only_wider()
    {
        var change = ProjectionChange.Between(
            Projection.Define("x", p => p.Integer("n", s => s.Column("N")).Is("big", "n > 1")),
            Projection.Define("x", p => p.Number("n", s => s.Column("N")).Is("big", "n > 2")));

        Assert.Equal([ChangeKind.Widened, ChangeKind.Changed], change.Parts.Select(part => part.Kind));
        Assert.False(change.IsCompatible);
    }

    [Fact]
    public void Another_name_or_another_key_of_the_table_breaks_readers()
    {
        var change = ProjectionChange.Between(
            Projection.Parse(Live),
            Projection.Parse(Live.Replace("\"key\": [\"email\"]", "\"table\": \"y\"", StringComparison.Ordinal)));

        Assert.Equal([ChangeKind.Key, ChangeKind.Table], change.Breaking.Select(part => part.Kind));
    }

    [Fact]
    public void Columns_in_another_order_are_a_change_and_dropped_and_retyped_ones_break_readers()
    {
        var change = ProjectionChange.Between(
            Projection.Define("x", p => p.Text("a", s => s.Column("A")).Text("b", s => s.Column("B")).Text("c", s => s.Column("C"))),
            Projection.Define("x", p => p.Integer("b", s => s.Column("B")).Text("a", s => s.Column("A"))));

        Assert.Equal([ChangeKind.Moved, ChangeKind.Retyped, ChangeKind.Dropped], change.Parts.Select(part => part.Kind));
        Assert.Equal([ChangeKind.Retyped, ChangeKind.Dropped], change.Breaking.Select(part => part.Kind));
    }
}
