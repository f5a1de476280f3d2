namespace Enrichment.Normalization.Tests;

public sealed class CompanyKeyTests
{
    [Theory]
    [InlineData("HTTP://WWW.Acme.com/", null, null, "acme.com")]
    [InlineData("acme.com/path?utm=1", null, null, "acme.com")]
    [InlineData("acme.com:8080", null, null, "acme.com")]
    [InlineData("shop.acme.co.uk", null, null, "acme.co.uk")]
    [InlineData("müller.de", null, null, "xn--mller-kva.de")]
    [InlineData("acme.com", "jane@globex.com", "linkedin.com/company/initech", "acme.com")]
    [InlineData("gmail.com", "jane@globex.com", "linkedin.com/company/initech", "globex.com")]
    [InlineData("linkedin.com", "Jane <jane@mail.globex.co.uk>", null, "globex.co.uk")]
    [InlineData("Jane Example", "jane@gmail.com", "https://uk.linkedin.com/company/Acme/about/", "https://www.linkedin.com/company/acme")]
    [InlineData("#N/A", "", "linkedin.com/sales/company/1234", "https://www.linkedin.com/company/1234")]
    [InlineData("https://www.linkedin.com/company/acme", null, null, "https://www.linkedin.com/company/acme")]
    [InlineData("https://www.linkedin.com/company/acme", "jane@globex.com", null, "globex.com")]
    [InlineData("acme.github.io", null, null, "acme.github.io")]
    public void The_first_fact_that_names_a_company_is_the_key(string? website, string? email, string? linkedIn, string key) =>
        Assert.Equal(key, CompanyKey.Of(website, email, linkedIn));

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("Jane Example", null, null)]
    [InlineData("gmail.com", "jane@hotmail.co.uk", null)]
    [InlineData("linkedin.com", null, "https://www.linkedin.com/in/jane-doe")]
    [InlineData("facebook.com/acme", null, "https://www.linkedin.com/school/mit")]
    [InlineData("co.uk", "jane@co.uk", "https://www.linkedin.com/company/unavailable/")]
    [InlineData("192.168.0.1", "jane@[192.168.0.1]", "acme")]
    [InlineData("=cmd|' /C calc'!A0", "null", "\0")]
    public void Facts_that_name_no_company_give_no_key(string? website, string? email, string? linkedIn) =>
        Assert.Null(CompanyKey.Of(website, email, linkedIn));

    [Theory]
    [InlineData("Müller GmbH & Co. KG", "Germany", "muller DE")]
    [InlineData("MULLER", "DE", "muller DE")]
    [InlineData("The Ácme-Co", "London, England, United Kingdom", "acmeco GB")]
    [InlineData("Acme", null, null)]
    [InlineData("Acme", "Atlantis", null)]
    [InlineData("Self-employed", "DE", null)]
    [InlineData("GmbH", null, null)]
    public void A_name_and_a_country_are_a_possible_match_alone(string? name, string? country, string? match) =>
        Assert.Equal(match, CompanyKey.PossibleMatch(name, country));
}
