using System.Text;
using System.Text.Json;
using Enrichment.Ingestion;
using Enrichment.Ingestion.Fields;

namespace Enrichment.Tests.Ingestion;

public class WorkstreamTests
{
    [Fact]
    public void The_four_layouts_ship_with_the_engine() =>
        Assert.Equal(["apollo_scrape", "crm_data", "customer_companies", "salesnav_koolkit"], Workstream.BuiltIn.Select(w => w.Name));

    [Fact]
    public void Built_in_workstreams_state_rules_and_no_headers_of_their_own() =>
        Assert.All(Workstream.BuiltIn, w => Assert.Empty(w.HeaderMap.Fields));

    [Fact]
    public void Code_and_JSON_declare_the_same()
    {
        var coded = Workstream.Define("leads", 2, w => w
            .Field("company.name", "Company", "Account")
            .Field("person.email", "Email")
            .Required("company.name")
            .AnyOf("person.email", "company.name")
            .Pipeline("enrich")
            .Step("acme.size", new { limit = 5 }));
        var read = Workstream.Parse("""
            {"name":"leads","version":2,"fields":{"company.name":["Company","Account"],"person.email":["Email"]},
             "required":["company.name"],"any_of":[["person.email","company.name"]],"pipeline":"enrich","steps":{"acme.size":{"limit":5}}}
            """u8, "leads.json");
        Assert.Equal(WorkstreamJson.MapText(coded.HeaderMap), WorkstreamJson.MapText(read.HeaderMap));
        Assert.Equal((coded.Name, coded.Version, coded.Pipeline), (read.Name, read.Version, read.Pipeline));
        Assert.True(JsonElement.DeepEquals(coded.Steps["acme.size"], read.Steps["acme.size"]));
    }

    [Theory]
    [InlineData("{\"name\":\"x\",\n\"version\":\"one\",\"fields\":{}}", "x.json, line 2, $.version: ", "a whole number from 1")]
    [InlineData(
        "{\"name\":\"x\",\"version\":1,\"fields\":{\"a.b\":\"Header\"}}",
        "$.fields",
        "an object that gives each field a list of headers")]
    [InlineData(
        "{\"name\":\"x\",\"version\":1,\"fields\":{},\"feilds\":{}}",
        "$.feilds: a workstream has no property 'feilds'. Did you mean 'fields'?",
        "Known: name, version, fields")]
    [InlineData("{\"name\":\"x\"}", "x.json, line 1: ", "an object with name and version")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"fields\":{},", "x.json, line 1: not JSON.", "Expected")]
    [InlineData("null", "x.json: ", "an object")]
    [InlineData("[]", "x.json, line 1: ", "expected an object with name and version")]
    [InlineData("{\"name\":null,\"version\":1}", "x.json, ", "expected ")]
    [InlineData(
        "{\"name\":\"x\",\"name\":\"y\",\"version\":1}",
        "x.json, line 1, $.name: ",
        "'name' occurs twice in the same object. Remove one of them.")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"list\":\"dogs\"}", "x.json, line 1, $.list: ", "expected 'persons' or 'companies'.")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"steps\":{\"s\":[]}}", "$.steps['s']", "expected an object of settings, found a list.")]
    [InlineData("{\"name\":\"X y\",\"version\":1,\"fields\":{}}", "x.json, $.name: 'X y' is not a name", "expected small letters")]
    [InlineData("{\"name\":\"x\",\"version\":0,\"fields\":{}}", "x.json, $.version: 0 is not a version", "expected a whole number from 1")]
    [InlineData(
        "{\"name\":\"x\",\"version\":1,\"fields\":{\"Email\":[\"Email\"]}}",
        "x.json, $.fields['Email']: not a field's name",
        "company.domain")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"fields\":{\"a.b\":[]}}", "$.fields['a.b']", "expected one header or more")]
    [InlineData(
        "{\"name\":\"x\",\"version\":1,\"fields\":{},\"required\":[\"a.b\"]}",
        "$.required",
        "'a.b' is neither among the fields nor one that every list may have")]
    [InlineData(
        "{\"name\":\"x\",\"version\":1,\"fields\":{},\"any_of\":[[\"a.b\"],[]]}",
        "$.any_of[1]",
        "'a.b' is neither among the fields nor one that every list may have")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"fields\":{},\"steps\":{\"s\":1}}", "$.steps['s']", "expected an object of settings")]
    public void A_bad_file_is_refused_with_its_name_the_place_and_what_was_expected(string json, string place, string expected)
    {
        var error = Assert.Throws<UploadException>(() => Workstream.Parse(Encoding.UTF8.GetBytes(json), "x.json"));
        Assert.Equal("workstream_invalid", error.Code);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\.NET|System\.|type '|converted|deserialization", error.Message);
    }

    [Fact]
    public void A_contradiction_in_code_lists_every_fault()
    {
        var error = Assert.Throws<ArgumentException>(() => Workstream.Define("x", 0, w => w.Field("nope", "A").Required("a.b")));
        Assert.Equal(
            "The workstream 'x' cannot be used. $.version: 0 is not a version; expected a whole number from 1. "
            + "$.fields['nope']: not a field's name; expected small letters, digits and underscores in two or more segments joined by dots, such as company.domain. "
            + "$.required: 'a.b' is neither among the fields nor one that every list may have.",
            error.Message);
    }

    [Fact]
    public async Task The_best_ranked_column_that_is_not_blank_comes_first_whatever_its_position()
    {
        var workstream = Workstream.Define("w", 1, w => w.Field("company.name", "Best", "Second"));
        await using var intake = await UploadReader.OpenAsync(
            new MemoryStream("Second,x,Best,BEST\n1,2,3,4\n"u8.ToArray()),
            workstream,
            new UploadOptions(),
            [],
            default);
        await foreach (var batch in intake.ReadAsync())
        {
            Assert.Equal(1, batch.Count);
        }

        Assert.Equal([2, 3, 0], intake.HeaderMap["company.name"]);
        Assert.Equal("several_columns", Assert.Single(intake.Report.Ambiguous).Kind);
    }

    [Fact]
    public void A_header_that_two_fields_claim_goes_to_the_better_rank_and_is_reported()
    {
        var workstream = Workstream.Define("w", 1, w => w.Field("company.domain", "Domain", "Website").Field("company.website", "Website"));
        var binding = new ColumnBinder(workstream.HeaderMap, ListSample.None, GivenColumns.None).Bind(["Website"]).Binding;
        Assert.Equal("company.website", Assert.Single(binding.Fields).Field);
        Assert.Equal(["company.website", "company.domain"], Assert.Single(binding.Contested).Fields);
    }
}
