using System.Text.Json;

namespace Enrichment.Providers.Normalization.Tests;

public sealed class StepTests
{
    private static readonly IReadOnlyDictionary<string, StepDescriptor> Steps = new NormalizationProvider().Steps.ToDictionary(step =>
        step.Manifest.Slug);

    [Theory]
    [InlineData("company.name", "company.name=Acme, Inc.", "company.name=Acme")]
    [InlineData("company.domain", "company.domain=HTTP://WWW.Acme.co.uk/x", "company.domain=acme.co.uk")]
    [InlineData("company.domain", "company.domain=Jane Example|company.website=https://www.acme.com/", "company.domain=acme.com")]
    [InlineData("company.domain", "company.website=linkedin.com/company/acme|person.email=jane@mail.acme.com", "company.domain=acme.com")]
    [InlineData(
        "company.domain",
        "company.domain=acme.com|company.website=other.com|person.email=jane@third.com",
        "company.domain=acme.com")]
    [InlineData("company.domain", "company.email=Info@Acme.com|person.email=jane@other.com", "company.domain=acme.com")]
    [InlineData("company.domain", "company.email=acme@gmail.com|person.email=jane@other.com", "company.domain=other.com")]
    [InlineData("company.domain", "company.website=www.acme.com|company.email=info@parent.com", "company.domain=acme.com")]
    [InlineData("company.country", "company.country=Deutschland", "company.country=DE")]
    [InlineData("person.country", "person.country=London, England, United Kingdom", "person.country=GB")]
    [InlineData("person.email", "person.email=Jane <Jane@ACME.com>", "person.email=jane@acme.com")]
    [InlineData("person.email", "person.email=jane@gmail.com", "person.email=jane@gmail.com")]
    [InlineData("person.phone", "person.phone='+1 415 555 0123 x42", "person.phone=+14155550123")]
    [InlineData("person.phone", "person.phone=(415) 555-0123|person.country=USA|company.country=Germany", "person.phone=+14155550123")]
    [InlineData("person.phone", "person.phone=030 123456|company.country=Germany", "person.phone=+4930123456")]
    [InlineData("company.phone", "company.phone=020 7946 0958|company.country=UK", "company.phone=+442079460958")]
    [InlineData(
        "company.linkedin",
        "company.linkedin_url=uk.linkedin.com/company/Acme/about",
        "company.linkedin_url=https://www.linkedin.com/company/acme"
    )]
    [InlineData(
        "person.linkedin",
        "person.linkedin_url=http://linkedin.com/in/Jane/",
        "person.linkedin_url=https://www.linkedin.com/in/jane"
    )]
    [InlineData(
        "person.name",
        "person.full_name=DR. JANE O'TOOLE",
        "person.first_name=Jane|person.full_name=Jane O'Toole|person.last_name=O'Toole")]
    [InlineData(
        "person.name",
        "person.first_name=jane|person.last_name=VAN DER BERG",
        "person.first_name=Jane|person.full_name=Jane van der Berg|person.last_name=van der Berg")]
    public async Task A_step_answers_with_the_canonical_form_and_gives_it_back_when_asked_again(string slug, string record, string result)
    {
        Assert.Equal(result, Result(await RunAsync(slug, record)));
        Assert.Equal(result, Result(await RunAsync(slug, result)));
    }

    [Theory]
    [InlineData("company.name", "", "the record has no company.name")]
    [InlineData("company.name", "company.name=Self-employed", "company.name holds no company's name")]
    [InlineData(
        "company.domain",
        "company.domain=gmail.com|company.website=linkedin.com/company/acme|person.email=jane@gmail.com",
        "neither company.domain nor company.website nor company.email nor person.email holds a domain that could be a company's (free-mail providers and platforms do not count)")]
    [InlineData("company.country", "company.country=Atlantis", "company.country holds no country known by a code or a name")]
    [InlineData("person.country", "", "the record has no person.country")]
    [InlineData("person.email", "person.email=jane at acme", "person.email holds no e-mail address")]
    [InlineData(
        "person.phone",
        "person.phone=(415) 555-0123",
        "person.phone holds no number with a country code, and neither the record nor the setting defaultRegion names a country")]
    [InlineData("person.phone", "person.phone=12|person.country=US", "person.phone holds no telephone number that can be dialled from US")]
    [InlineData("company.phone", "company.country=US", "the record has no company.phone")]
    [InlineData(
        "company.linkedin",
        "company.linkedin_url=https://www.linkedin.com/in/jane",
        "company.linkedin_url holds no address of a company on LinkedIn")]
    [InlineData(
        "person.linkedin",
        "person.linkedin_url=https://www.linkedin.com/company/acme",
        "person.linkedin_url holds no address of a person on LinkedIn")]
    [InlineData("person.name", "person.full_name=null", "neither person.first_name nor person.last_name nor person.full_name holds a name")]
    public async Task A_step_without_anything_usable_skips_and_says_why(string slug, string record, string reason)
    {
        var outcome = await RunAsync(slug, record);
        Assert.Equal(StepOutcomeKind.Skipped, outcome.Kind);
        Assert.Equal(reason, outcome.Reason);
    }

    [Fact]
    public async Task A_number_without_country_code_is_dialled_from_the_default_region()
    {
        var outcome = await RunAsync("person.phone", "person.phone=(415) 555-0123", new PhoneOptions { DefaultRegion = "US" });
        Assert.Equal("person.phone=+14155550123", Result(outcome));
    }

    [Fact]
    public void Every_step_is_pure_and_made_without_arguments() => Assert.All(Steps.Values, step =>
    {
        Assert.Equal(Effects.Pure, step.Manifest.Effects);
        Assert.IsType<IEnrichmentStep>(Activator.CreateInstance(step.Type!), exactMatch: false);
    });

    [Fact]
    public void The_provider_ships_every_step_of_its_assembly() =>
        Assert.Equal(
            typeof(NormalizationProvider)
                .Assembly.GetTypes()
                .Where(type => type.IsAssignableTo(typeof(IEnrichmentStep)))
                .OrderBy(type => type.Name, StringComparer.Ordinal),
            Steps.Values.Select(step => step.Type!).OrderBy(type => type.Name, StringComparer.Ordinal));

    private static async Task<StepOutcome> RunAsync(string slug, string record, PhoneOptions? options = null)
    {
        var descriptor = Steps[slug];
        var step = (IEnrichmentStep)Activator.CreateInstance(descriptor.Type!)!;
        var fields = record
            .Split('|', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        var settings = descriptor.OptionsType is null ? null : options ?? new PhoneOptions();
        return await step.ExecuteAsync(new StepContext(new FieldRecord(descriptor.Manifest, fields), settings), CancellationToken.None);
    }

    private static string Result(StepOutcome outcome)
    {
        Assert.Equal(StepOutcomeKind.Completed, outcome.Kind);
        using var json = JsonDocument.Parse(outcome.Result);
        return string.Join(
            '|',
            json.RootElement.EnumerateObject()
                .OrderBy(field => field.Name, StringComparer.Ordinal)
                .Select(field => $"{field.Name}={field.Value.GetString()}"));
    }
}
