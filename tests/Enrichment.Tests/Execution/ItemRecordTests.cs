using System.Text.Json;
using CsCheck;
using Enrichment.Normalization;
using Enrichment.Pipelines;
using Enrichment.Plans;

namespace Enrichment.Tests.Execution;

public class ItemRecordTests
{
    private static readonly string[] Columns = ["Company", "Website", "Company Domain", "E-Mail", " Website "];

    private static readonly Dictionary<string, IReadOnlyList<int>> HeaderMap = new()
    {
        ["company.name"] = [0],
        ["company.website"] = [2, 1],
        ["person.email"] = [3],
    };

    private static readonly (short, ProducedField)[] Produced =
    [
        (1, new("company.domain")),
        (1, new("company.name")),
        (2, new("company.domain", "/data/0/the~1domain~0")),
        (2, new("company.size", "/data/1")),
        (4, new("company.name")),
    ];

    [Fact]
    public void A_field_that_no_stage_produces_is_the_first_cell_by_rank_that_is_not_blank()
    {
        Assert.Equal("acme.com", Row("""["Acme","http://www.acme.com","acme.com"]""").Text("company.website"));
        Assert.Equal("http://www.acme.com", Row("""["Acme","http://www.acme.com"," \t\u00a0"]""").Text("company.website"));
        Assert.Equal("http://www.acme.com", Row("""["Acme","http://www.acme.com",null]""").Text("company.website"));
        Assert.Equal("http://www.acme.com", Row("""["Acme","http://www.acme.com"]""").Text("company.website"));
        Assert.Null(Row("""["Acme","",""]""").Value("company.website"));
        Assert.Null(Row("[]").Text("company.website"));
    }

    [Theory]
    [InlineData("#REF!")]
    [InlineData("#N/A")]
    [InlineData("none")]
    [InlineData(" NULL ")]
    [InlineData("\\u0023REF!")]
    public void A_placeholder_is_no_value_of_a_field_but_stands_in_its_column(string cell)
    {
        var record = Row($$"""["{{cell}}","acme.com","{{cell}}"]""");
        Assert.Null(record.Text("company.name"));
        Assert.Equal("acme.com", record.Text("company.website"));
        Assert.NotNull(record.Column("Company"));
    }

    [Theory]
    [InlineData("""{"name":"Acme"}""")]
    [InlineData("""["Acme"]""")]
    public void An_uploaded_object_or_list_is_a_value_and_no_text(string cell)
    {
        var record = Row($"""[{cell},"acme.com"]""");
        Assert.Equal(cell, record.Value("company.name")!.Value.GetRawText());
        Assert.Null(record.Text("company.name"));
        Assert.Null(record.Shown("company.name"));
        Assert.Equal(cell, record.Column("Company"));
        Assert.Equal("acme.com", record.Text("company.website"));
    }

    [Fact]
    public void An_answered_list_is_no_text_either_and_is_shown()
    {
        var record = Row("""["Acme"]""", (1, """{"company.name":["Acme","Acme Ltd"]}"""));
        Assert.Null(record.Text("company.name"));
        Assert.Equal("""["Acme","Acme Ltd"]""", record.Shown("company.name"));
    }

    [Fact]
    public void Namibia_is_a_country()
    {
        var shape = new RecordShape(
            ["Country", "Code"],
            new Dictionary<string, IReadOnlyList<int>> { ["person.country"] = [0], ["person.code"] = [1] },
            []);
        var record = new ItemRecord(shape, Records.Utf8("""["NA","NA"]"""), []);
        Assert.Equal("NA", record.Text("person.country"));
        Assert.Null(record.Text("person.code"));
    }

    [Fact]
    public void A_cell_is_read_as_it_stands()
    {
        Assert.Equal(" O'Toole \"&\" Söhne 😀\n", Row("""[" O'Toole \"&\" S\u00f6hne 😀\n"]""").Text("company.name"));
        Assert.Equal("北京", Row("""["北京"]""").Value("company.name")?.GetString());
    }

    [Fact]
    public void The_latest_stage_that_answered_wins_over_earlier_ones_and_over_the_cell()
    {
        var record = Row("""["acme"]""", (1, """{"company.name":"Acme Inc"}"""), (4, """{"company.name":"Acme"}"""));
        Assert.Equal("Acme", record.Text("company.name"));
    }

    [Fact]
    public void A_null_answer_leaves_the_field_to_those_before()
    {
        Assert.Equal(
            "Acme Inc",
            Row("""["acme"]""", (1, """{"company.name":"Acme Inc"}"""), (4, """{"company.name":null}""")).Text("company.name"));
        Assert.Equal("acme", Row("""["acme"]""", (1, """{"company.name":null}"""), (4, "{}")).Text("company.name"));
    }

    [Fact]
    public void An_empty_answer_is_an_answer() =>
        Assert.Equal("", Row("""["acme"]""", (1, """{"company.name":""}""")).Text("company.name"));

    [Fact]
    public void A_field_with_a_path_is_found_there_and_nowhere_else()
    {
        var answer = (Stage: (short)2, Json: """{"company.size":1,"skipped":{"data":[]},"data":[{"x":[1],"the/domain~":"acme.com"},51]}""");
        Assert.Equal("acme.com", Row("[]", (1, """{"company.domain":"old.com"}"""), answer).Text("company.domain"));
        Assert.Equal("51", Row("[]", answer).Text("company.size"));
        Assert.Null(Row("[]", (2, """{"data":{"1":null}}""")).Value("company.size"));
        Assert.Null(Row("[]", (2, """{"data":7}""")).Value("company.size"));
        Assert.Null(Row("[]", (2, "[1,2]")).Value("company.size"));
        Assert.Null(Row("[]", (2, "null")).Value("company.size"));
    }

    [Fact]
    public void A_value_keeps_its_kind_and_is_shown_in_its_notation()
    {
        var record = Row("[]", (2, """{"data":[0,{ "min": 51, "max": 200.0 }]}"""));
        Assert.Equal(JsonValueKind.Object, record.Value("company.size")?.ValueKind);
        Assert.Equal("""{ "min": 51, "max": 200.0 }""", record.Shown("company.size"));
    }

    [Fact]
    public void A_column_is_found_by_its_header_the_first_of_equal_ones()
    {
        var record = Row("""["Acme","first","","x@acme.com","second"]""");
        Assert.Equal("first", record.Column("website"));
        Assert.Equal("first", record.Column(" WEBSITE "));
        Assert.Equal("", record.Column("Company Domain"));
        Assert.Null(record.Column("Phone"));
        Assert.Null(Row("""["Acme"]""").Column("E-Mail"));
        Assert.Null(Row("""[null]""").Column("Company"));
    }

    [Fact]
    public void A_cell_of_JSON_lines_that_is_no_text_is_a_value_all_the_same()
    {
        Assert.Equal(JsonValueKind.Number, Row("[51]").Value("company.name")?.ValueKind);
        Assert.Equal("51", Row("[51]").Text("company.name"));
        Assert.Equal("51", Row("[51]").Column("Company"));
        Assert.Equal("""{"a":[true]}""", Row("""[{"a":[true]}]""").Column("Company"));
        Assert.Equal("false", Row("[false]").Text("company.name"));
    }

    [Fact]
    public void A_step_may_read_what_it_declared_and_nothing_else()
    {
        var shape = new RecordShape(Columns, HeaderMap, Produced, ["company.domain", "person.phone"], "clay.company");
        var record = new ItemRecord(shape, Records.Utf8("""["Acme"]"""), [(1, Records.Utf8("""{"company.domain":"acme.com"}"""))]);
        Assert.Equal("acme.com", record.Text("company.domain"));
        Assert.Null(record.Value("person.phone"));
        Assert.Equal("Acme", record.Column("Company"));
        var error = Assert.Throws<StepFaultException>(() => record.Text("company.name"));
        Assert.Equal(
            "Step 'clay.company' reads the field 'company.name', which it does not declare. Add it: [EnrichmentStep(…, Reads = [\"company.name\"])].",
            error.Message);
    }

    [Fact]
    public void Without_a_reader_every_field_may_be_asked_for()
    {
        Assert.Null(Row("[]").Value("no.such.field"));
        Assert.Equal(
            ["company.domain", "company.name", "company.size", "company.website", "person.email"],
            new RecordShape(Columns, HeaderMap, Produced).Fields.Order());
    }

    /// <summary>The scan of UTF-8 against the plain reading of a parsed document.</summary>
    [Fact]
    public void A_record_agrees_with_a_parsed_document()
    {
        var cell = Gen.OneOf<string?>(
            Gen.OneOf<string?>(null, "", " ", "\u3000", "a", "\t\"x\\", "ü", "😀", "null"),
            Gen.String[Gen.Char.Where(c => !char.IsSurrogate(c)), 0, 5]);
        var value = Gen.OneOf<object?>(
            null,
            "",
            "x",
            1.5m,
            true,
            new[] { 1, 2 },
            new Dictionary<string, object?> { ["company.name"] = "deep" });
        Gen.Select(cell.Array[0, 6], value.Array[2])
            .Sample(
                (cells, answers) =>
                {
                    var first = new Dictionary<string, object?> { ["other"] = answers[1], ["company.name"] = answers[0] };
                    var last = new Dictionary<string, object?> { ["company.name"] = answers[1] };
                    var record = Row(
                        JsonSerializer.Serialize(cells),
                        (1, JsonSerializer.Serialize(first)),
                        (4, JsonSerializer.Serialize(last)));
                    var expected = answers[1] ?? answers[0] ?? (cells.Length > 0 && !BlankText.IsBlank(cells[0]) ? cells[0] : null);
                    Assert.Equal(
                        expected is null ? null : JsonSerializer.Serialize(expected),
                        record.Value("company.name") is { } found ? JsonSerializer.Serialize(found) : null);
                    Assert.Equal(
                        expected is string or null ? (string?)expected : JsonSerializer.Serialize(expected),
                        record.Shown("company.name"));
                    Assert.Equal(expected is string or decimal or bool ? record.Shown("company.name") : null, record.Text("company.name"));
                    Assert.Equal(cells.ElementAtOrDefault(3), record.Column("e-mail"));
                });
    }

    private static ItemRecord Row(string cells, params (short Stage, string Json)[] results) =>
        new(
            new RecordShape(Columns, HeaderMap, Produced),
            Records.Utf8(cells),
            [.. results.Select(result => (result.Stage, Records.Utf8(result.Json)))]);
}
