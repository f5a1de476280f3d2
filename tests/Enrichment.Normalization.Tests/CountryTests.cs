namespace Enrichment.Normalization.Tests;

public sealed class CountryTests
{
    [Theory]
    [InlineData("US", "US")]
    [InlineData("us", "US")]
    [InlineData("USA", "US")]
    [InlineData("U.S.A.", "US")]
    [InlineData("United States", "US")]
    [InlineData("The United States of America", "US")]
    [InlineData("UK", "GB")]
    [InlineData("England", "GB")]
    [InlineData("Great Britain", "GB")]
    [InlineData("Deutschland", "DE")]
    [InlineData("germany", "DE")]
    [InlineData("DEU", "DE")]
    [InlineData("Türkiye", "TR")]
    [InlineData("Turkey", "TR")]
    [InlineData("Côte d’Ivoire", "CI")]
    [InlineData("Ivory Coast", "CI")]
    [InlineData("Czech Republic", "CZ")]
    [InlineData("The Netherlands", "NL")]
    [InlineData("Holland", "NL")]
    [InlineData("Korea, Republic of", "KR")]
    [InlineData("Bosnia & Herzegovina", "BA")]
    [InlineData("日本", "JP")]
    [InlineData("Россия", "RU")]
    [InlineData("Mendham, New Jersey, United States", "US")]
    [InlineData("London, England, United Kingdom", "GB")]
    [InlineData("Kosovo", "XK")]
    [InlineData("NA", "NA")]
    [InlineData("Niger", "NE")]
    [InlineData("Nigeria", "NG")]
    [InlineData("Congo", "CG")]
    [InlineData("DRC", "CD")]
    [InlineData("Georgia", "GE")]
    public void Codes_names_and_aliases_mean_one_country(string text, string alpha2)
    {
        Assert.True(Country.TryParse(text, out var country));
        Assert.Equal(alpha2, country.Alpha2);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("N/A")]
    [InlineData("na")]
    [InlineData("Atlantis")]
    [InlineData("California")]
    [InlineData("Austin, IL")]
    [InlineData("Springfield, ")]
    [InlineData("EU")]
    public void Text_that_is_no_country_is_refused(string? text) => Assert.False(Country.TryParse(text, out _));

    [Fact]
    public void A_country_knows_its_codes_and_its_English_name()
    {
        Assert.True(Country.TryParse("Schweiz", out var country));
        Assert.Equal(("CH", "CHE", "Switzerland"), (country.Alpha2, country.Alpha3, country.Name));
    }

    [Fact]
    public void Every_country_is_read_by_its_codes_and_its_English_name()
    {
        var rows = EmbeddedText.Lines("countries.tsv").Select(line => line.Split('\t')).ToList();
        Assert.Equal(250, rows.Count);
        foreach (var row in rows)
        {
            foreach (var name in row[..3])
            {
                Assert.True(Country.TryParse(name, out var country), name);
                Assert.Equal(row[0], country.Alpha2);
            }
        }
    }
}
