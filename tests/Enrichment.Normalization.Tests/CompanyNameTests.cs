namespace Enrichment.Normalization.Tests;

public sealed class CompanyNameTests
{
    [Theory]
    [InlineData("Acme", "Acme", "acme")]
    [InlineData("  Acme,   Inc. ", "Acme", "acme")]
    [InlineData("ACME LLC", "ACME", "acme")]
    [InlineData("Acme GmbH", "Acme", "acme")]
    [InlineData("Müller GmbH & Co. KG", "Müller", "muller")]
    [InlineData("Acme S.A.", "Acme", "acme")]
    [InlineData("Acme S. A. de C. V.", "Acme", "acme")]
    [InlineData("Acme, S.A. de C.V.", "Acme", "acme")]
    [InlineData("Acme Pty Ltd", "Acme", "acme")]
    [InlineData("Acme (Pty) Ltd.", "Acme", "acme")]
    [InlineData("Acme Sp. z o.o.", "Acme", "acme")]
    [InlineData("Acme Co., Ltd.", "Acme", "acme")]
    [InlineData("Acme Corporation", "Acme", "acme")]
    [InlineData("Acme Limited", "Acme", "acme")]
    [InlineData("Acme™ Inc.", "Acme", "acme")]
    [InlineData("Acme 🚀", "Acme", "acme")]
    [InlineData("Acme Inc. (acquired by Foo)", "Acme", "acme")]
    [InlineData("Acme (formerly Foo), Inc.", "Acme", "acme")]
    [InlineData("Acme | The best anvils", "Acme", "acme")]
    [InlineData("The Acme Company", "The Acme Company", "acme")]
    [InlineData("Johnson & Johnson", "Johnson & Johnson", "johnsonandjohnson")]
    [InlineData("L’Oréal S.A.", "L'Oréal", "loreal")]
    [InlineData("Søren & Łukasz ApS", "Søren & Łukasz", "sorenandlukasz")]
    [InlineData("SAS", "SAS", "sas")]
    [InlineData("The Limited", "The Limited", "limited")]
    [InlineData("LLC, Acme", "Acme", "acme")]
    [InlineData("Acme, Inc., a Delaware Corporation", "Acme", "acme")]
    [InlineData("Acme, a Foo company", "Acme", "acme")]
    [InlineData("First Bank of Acme, N.A.", "First Bank of Acme", "firstbankofacme")]
    [InlineData("Volksbank Acme eG", "Volksbank Acme", "volksbankacme")]
    [InlineData("Turnverein Acme e.V.", "Turnverein Acme", "turnvereinacme")]
    [InlineData("MÃ¼ller GmbH", "Müller", "muller")]
    [InlineData("SAS Institute", "SAS Institute", "sasinstitute")]
    [InlineData("Visa", "Visa", "visa")]
    [InlineData("株式会社トヨタ", "トヨタ", "トヨタ")]
    [InlineData("华为技术有限公司", "华为技术", "华为技术")]
    [InlineData("ООО \"Ромашка\"", "Ромашка", "ромашка")]
    [InlineData("3M", "3M", "3m")]
    [InlineData("=cmd", "=cmd", "cmd")]
    public void A_name_loses_its_legal_form_and_gains_a_key(string text, string display, string key)
    {
        Assert.True(CompanyName.TryParse(text, out var name));
        Assert.Equal(display, name.Display);
        Assert.Equal(key, name.Key);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("#N/A")]
    [InlineData("!!!")]
    [InlineData("🚀🚀")]
    [InlineData("Self-employed")]
    [InlineData("SELF EMPLOYED")]
    [InlineData("Stealth Startup")]
    public void Text_that_names_no_company_is_refused(string? text) => Assert.False(CompanyName.TryParse(text, out _));

    [Fact]
    public void A_description_is_no_name() => Assert.False(CompanyName.TryParse(new string('a', 16_000), out _));
}
