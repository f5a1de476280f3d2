namespace Enrichment.Providers.Clay.Tests;

/// <summary>What a table delivers of a person.</summary>
public sealed class PersonTests
{
    private const string Jane = """
        {"name":"Jane O'Toole","first_name":"Jane","last_name":"O'Toole","slug":"jane","title":"CEO","headline":"CEO at Acme","url":"https://www.linkedin.com/in/jane","org":"Acme",
         "location_name":"Mendham, New Jersey, United States","country":"United States","summary":null,"connections":500,"dob":null,
         "experience":[{"title":"CEO","company":"Acme","company_domain":null,"start_date":"2023-02-01","end_date":null,"is_current":true}],
         "current_experience":[{"title":"CEO","start_date":"2023-02-01"}],"latest_experience":{"title":"CEO","start_date":"2023-02-01"},"awards":null}
        """;

    [Fact]
    public void The_fields_are_found()
    {
        var result = Attempts.Result(Receive($$"""{"person_id":"p","raw_clay_person_enriched_payload":{{Jane}}}"""));

        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["person.full_name"] = "Jane O'Toole",
                ["person.first_name"] = "Jane",
                ["person.last_name"] = "O'Toole",
                ["person.title"] = "CEO",
                ["person.headline"] = "CEO at Acme",
                ["person.linkedin_url"] = "https://www.linkedin.com/in/jane",
                ["person.location"] = "Mendham, New Jersey, United States",
                ["person.country"] = "United States",
                ["person.summary"] = null,
                ["person.current_job_start_date"] = "2023-02-01",
            },
            result
                .EnumerateObject()
                .Where(field => field.Name != "person.clay_payload")
                .ToDictionary(field => field.Name, field => field.Value.GetString()));
        Assert.Equal("Acme", result.GetProperty("person.clay_payload").GetProperty("experience")[0].GetProperty("company").GetString());
    }

    [Fact]
    public void Every_field_of_the_result_is_declared() => Assert.Equal(
        StepManifest.Of(typeof(ClayPersonStep)).Produces.Select(field => field.Field).Order(),
        Attempts.Result(Receive(Jane)).EnumerateObject().Select(field => field.Name).Order());

    [Theory]
    [InlineData(
        """{"latest_experience":{"start_date":"2023-02-01"},"experience":[{"start_date":"2020-01-01","is_current":true}]}""",
        "\"2023-02-01\"")]
    [InlineData("""{"latest_experience":null,"current_experience":[{"start_date":"2023-02"}]}""", "\"2023-02\"")]
    [InlineData(
        """{"latest_experience":{},"current_experience":[],"experience":[{"start_date":"2010-01-01","is_current":false},{"start_date":"2023","is_current":true}]}""",
        "\"2023\"")]
    [InlineData(
        """{"latest_experience":{"start_date":" "},"current_experience":null,"experience":[null,{"start_date":"08-2024","is_current":true},{"start_date":"2020","is_current":true}]}""",
        "\"08-2024\"")]
    [InlineData("""{"latest_experience":{"start_date":"2023/02/01"}}""", "\"2023/02/01\"")]
    [InlineData("""{"latest_experience":{"start_date":"2023-02-01T00:00:00Z"}}""", "\"2023-02-01T00:00:00Z\"")]
    [InlineData("""{"latest_experience":{"start_date":2023}}""", "\"2023\"")]
    [InlineData("""{"latest_experience":{"start_date":"2023-13-01"}}""", "\"2023-13-01\"")]
    [InlineData(
        """{"latest_experience":{"start_date":null},"experience":[{"start_date":"2010","is_current":false,"end_date":"2009"}]}""",
        "null")]
    [InlineData("""{"name":"x","experience":[{"is_current":true}]}""", "null")]
    [InlineData("""{"name":"x","experience":"none"}""", "null")]
    public void The_start_of_the_current_job_is_kept_as_it_was_written(string payload, string date) =>
        Assert.Equal(date, Attempts.Field(Receive(payload), "person.current_job_start_date"));

    [Fact]
    public void A_companys_payload_is_no_persons() =>
        Assert.Equal(
            StepOutcomeKind.NotFound,
            Receive("""{"raw_clay_person_enriched_payload":null,"raw_clay_company_enriched_payload":{"name":"Acme"}}""").Kind);

    private static StepOutcome Receive(string body) => Attempts.Receive(new ClayPersonStep(Attempts.Http), body);
}
