using System.Text.Json;

namespace Enrichment.Providers.Clay.Tests;

/// <summary>What a table delivers of a company, in every shape and with every oddity.</summary>
public sealed class CompanyTests
{
    private const string Clockwork = """
        {"name":"Clockwork","domain":"clockwork.com","url":"https://www.linkedin.com/company/clockwork","slug":"clockwork","website":"http://www.clockwork.com",
         "logo_url":"https://logo","description":"Long","type":"Privately Held","industry":"Advertising Services","specialties":["ux"],"size":"51-200 employees",
         "employee_count":67,"follower_count":5000,"founded":2002,"country":"US","locality":"Minneapolis, MN",
         "locations":[{"is_primary":true,"inferred_location":{"locality":"Minneapolis","admin_district":"Minnesota"}}],
         "annual_revenue":"10M-25M","total_funding_amount_range_usd":"Funding unknown","clay_company_id":1,"org_id":2,"last_refresh":"2025-12-01T00:00:00Z",
         "derived_datapoints":{"description":"Short","industry":["Design","Software"],"subindustry":["UX"],"business_type":["B2B"],"business_stage":"Established"}}
        """;

    [Fact]
    public void The_fields_are_found()
    {
        var result = Attempts.Result(Receive($$"""{"item_id":"i","company_id":"c","raw_clay_company_enriched_payload":{{Clockwork}}}"""));

        var fields = result
            .EnumerateObject()
            .Where(field => field.Name != "company.clay_payload")
            .ToDictionary(field => field.Name, field => field.Value.GetRawText());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["company.name"] = "\"Clockwork\"",
                ["company.domain"] = "\"clockwork.com\"",
                ["company.linkedin_url"] = "\"https://www.linkedin.com/company/clockwork\"",
                ["company.website"] = "\"http://www.clockwork.com\"",
                ["company.logo_url"] = "\"https://logo\"",
                ["company.description"] = "\"Short\"",
                ["company.industry"] = "\"Design\"",
                ["company.industries"] = """["Design","Software"]""",
                ["company.subindustries"] = """["UX"]""",
                ["company.size_bucket"] = "\"51-200 employees\"",
                ["company.employee_count"] = "67",
                ["company.city"] = "\"Minneapolis\"",
                ["company.state"] = "\"Minnesota\"",
                ["company.country"] = "\"US\"",
                ["company.revenue_range"] = "\"10M-25M\"",
                ["company.funding_range"] = "\"Funding unknown\"",
                ["company.founded_year"] = "2002",
                ["company.type"] = "\"Privately Held\"",
                ["company.business_stage"] = "\"Established\"",
            },
            fields);
        Assert.Equal(5000, result.GetProperty("company.clay_payload").GetProperty("follower_count").GetInt32());
    }

    [Fact]
    public void Every_field_of_the_result_is_declared()
    {
        var declared = StepManifest.Of(typeof(ClayCompanyStep)).Produces.Select(field => field.Field);

        Assert.Equal(declared.Order(), Attempts.Result(Receive(Clockwork)).EnumerateObject().Select(field => field.Name).Order());
    }

    [Fact]
    public void Every_wrapping_holds_the_same()
    {
        var text = JsonSerializer.Serialize(Clockwork);
        string[] shapes =
        [
            Clockwork,
            $"[{Clockwork}]",
            text,
            $$"""{"raw_clay_company_enriched_payload":{{Clockwork}}}""",
            $$"""{"raw_clay_company_enriched_payload":[null,{{Clockwork}}]}""",
            $$"""{"raw_clay_company_enriched_payload":{{text}}}""",
            $$"""{"raw_clay_company_enriched_payload":{{JsonSerializer.Serialize(text)}}}""",
            $$"""[{"callback_token":"secret","raw_clay_company_enriched_payload":{{JsonSerializer.Serialize($"[{Clockwork}]")}}}]""",
            JsonSerializer.Serialize($$"""{"raw_clay_company_enriched_payload":{{Clockwork}}}"""),
            $$"""{"callback_token":"secret","callback_url":"https://x/secret","item_id":"secret",{{Clockwork[1..]}}""",
        ];

        Assert.All(shapes, shape =>
        {
            var outcome = Receive(shape);
            Assert.Equal("\"Clockwork\"", Attempts.Field(outcome, "company.name"));
            Assert.DoesNotContain("secret", Attempts.Result(outcome).GetRawText(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_shape_of_find_companies_is_read_too()
    {
        var outcome = Receive(
            """{"name":"Acme","linkedin_url":"https://www.linkedin.com/company/acme","linkedin_company_id":1,"location":"London, England, United Kingdom","industries":["Anvils","Rockets"],"resolved_domain":"acme.co.uk"}"""
        );

        Assert.Equal("\"acme.co.uk\"", Attempts.Field(outcome, "company.domain"));
        Assert.Equal("\"https://www.linkedin.com/company/acme\"", Attempts.Field(outcome, "company.linkedin_url"));
        Assert.Equal(("\"London\"", "\"England\""), (Attempts.Field(outcome, "company.city"), Attempts.Field(outcome, "company.state")));
        Assert.Equal("""["Anvils","Rockets"]""", Attempts.Field(outcome, "company.industries"));
    }

    [Theory]
    [InlineData("""{"raw_clay_company_enriched_payload":null}""")]
    [InlineData("""{"raw_clay_company_enriched_payload":""}""")]
    [InlineData("""{"raw_clay_company_enriched_payload":" null "}""")]
    [InlineData("""{"raw_clay_company_enriched_payload":{}}""")]
    [InlineData("""{"raw_clay_company_enriched_payload":[]}""")]
    [InlineData("""{"raw_clay_company_enriched_payload":[null]}""")]
    [InlineData("""{"raw_clay_company_enriched_payload":{"name":null,"domain":null}}""")]
    [InlineData("""{"raw_clay_company_enriched_payload":"{}"}""")]
    [InlineData("""{"raw_clay_company_enriched_payload":"No record found"}""")]
    [InlineData("""{"callback_token":"t","status":"not_found"}""")]
    [InlineData("""{"callback_token":"t","item_id":"i"}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    public void Nothing_found_is_an_answer(string body) => Assert.Equal(StepOutcomeKind.NotFound, Receive(body).Kind);

    [Theory]
    [InlineData("""{"status":"error","raw_clay_company_enriched_payload":null}""", ErrorClass.Permanent)]
    [InlineData("""{"error":"canary"}""", ErrorClass.Permanent)]
    [InlineData("""{"raw_clay_company_enriched_payload":"canary: out of credits"}""", ErrorClass.InvalidOutput)]
    [InlineData("""{"raw_clay_company_enriched_payload":"{\"canary\": "}""", ErrorClass.InvalidOutput)]
    [InlineData("""{"raw_clay_company_enriched_payload":7}""", ErrorClass.InvalidOutput)]
    [InlineData("true", ErrorClass.InvalidOutput)]
    [InlineData("<html>", ErrorClass.InvalidOutput)]
    public void An_error_is_not_nothing_found_and_is_not_quoted(string body, ErrorClass error)
    {
        var outcome = Receive(body);

        Assert.Equal((StepOutcomeKind.Failed, error), (outcome.Kind, outcome.ErrorClass));
        Assert.DoesNotContain("canary", outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"industry":"Anvils"}""", """["Anvils"]""")]
    [InlineData("""{"industry":["Anvils","Rockets"]}""", """["Anvils","Rockets"]""")]
    [InlineData("""{"industry":"Anvils","derived_datapoints":null}""", """["Anvils"]""")]
    [InlineData("""{"industry":"Anvils","derived_datapoints":{"industry":[]}}""", """["Anvils"]""")]
    [InlineData("""{"industry":"Anvils","derived_datapoints":{"industry":"Design"}}""", """["Design"]""")]
    [InlineData("""{"industry":"Anvils","derived_datapoints":{"industry":[null,""," Design "]}}""", """["Design"]""")]
    [InlineData("""{"industry":[],"name":"x"}""", "null")]
    [InlineData("""{"industry":{"name":"x"}}""", "null")]
    public void Industries_are_a_list_or_a_text(string payload, string industries) =>
        Assert.Equal(industries, Attempts.Field(Receive(payload), "company.industries"));

    [Theory]
    [InlineData("""{"locations":null,"locality":"Minneapolis, MN"}""", "\"Minneapolis\"", "\"MN\"")]
    [InlineData("""{"locations":[],"locality":"London, England, United Kingdom"}""", "\"London\"", "\"England\"")]
    [InlineData("""{"locations":[null],"locality":"Greater Boston"}""", "\"Greater Boston\"", "null")]
    [InlineData("""{"locations":[{"inferred_location":null}],"locality":"Minneapolis, MN"}""", "\"Minneapolis\"", "\"MN\"")]
    [InlineData(
        """{"locations":[{"inferred_location":{"locality":"Edina","admin_district":null}}],"locality":"Minneapolis, MN"}""",
        "\"Edina\"",
        "\"MN\"")]
    [InlineData("""{"locations":"somewhere","locality":" "}""", "null", "null")]
    public void The_place_is_found_where_it_is(string payload, string city, string state)
    {
        var outcome = Receive(payload);

        Assert.Equal((city, state), (Attempts.Field(outcome, "company.city"), Attempts.Field(outcome, "company.state")));
    }

    [Theory]
    [InlineData("67", "67")]
    [InlineData("67.0", "67")]
    [InlineData("\"67\"", "67")]
    [InlineData("\"1,234\"", "1234")]
    [InlineData("\"67.0\"", "67")]
    [InlineData("67.5", "null")]
    [InlineData("\"many\"", "null")]
    [InlineData("\"51-200\"", "null")]
    [InlineData("1e400", "null")]
    [InlineData("1e25", "null")]
    [InlineData("null", "null")]
    [InlineData("{}", "null")]
    public void A_number_is_one_in_any_dress(string count, string read) =>
        Assert.Equal(read, Attempts.Field(Receive($$"""{"name":"x","employee_count":{{count}}}"""), "company.employee_count"));

    [Theory]
    [InlineData("O'Toole & Søn")]
    [InlineData("株式会社アクメ")]
    [InlineData("شركة")]
    [InlineData("🚀 Rockets")]
    [InlineData("=cmd|' /C calc'!A0")]
    public void Text_stays_as_it_is(string name) =>
        Assert.Equal(name, Attempts.Result(Receive(JsonSerializer.Serialize(new { name }))).GetProperty("company.name").GetString());

    [Fact]
    public void Half_a_payload_is_half_an_answer()
    {
        var outcome = Receive("""{"raw_clay_company_enriched_payload":{"name":"Acme"}}""");

        Assert.Equal(("\"Acme\"", "null"), (Attempts.Field(outcome, "company.name"), Attempts.Field(outcome, "company.domain")));
    }

    [Fact]
    public void Two_megabytes_are_read() =>
        Assert.Equal(
            "\"Acme\"",
            Attempts.Field(
                Receive(
                    JsonSerializer.Serialize(
                        new { raw_clay_company_enriched_payload = new { name = "Acme", description = new string('x', 2_000_000) } })),
                "company.name"));

    private static StepOutcome Receive(string body) => Attempts.Receive(new ClayCompanyStep(Attempts.Http), body);
}
