using CsCheck;

namespace Enrichment.Normalization.Tests;

public sealed class PersonKeyTests
{
    private const string Member = "https://www.linkedin.com/sales/lead/ACwAAAJx1abcDEFghiJKLmnoPQRstuVWXyz0123,NAME_SEARCH,x1Yz";

    [Theory]
    [InlineData("uk.linkedin.com/in/Jane-Doe/", "jane@acme.com", "Jane Doe", "acme.com", "https://www.linkedin.com/in/jane-doe")]
    [InlineData(Member, "JANE@acme.com", "Jane Doe", "acme.com", "jane@acme.com")]
    [InlineData("https://www.linkedin.com/in/ACoAAAJx1abcDEFghi", "mailto:jane@gmail.com", null, null, "jane@gmail.com")]
    [InlineData("linkedin.com/company/acme", "n/a", "Jane Doe", "acme.com", "janedoe at acme.com")]
    [InlineData(Member, "info@acme.com", "Dr. JANE O'TOOLE, PhD 🚀", "acme.com", "janeotoole at acme.com")]
    [InlineData(null, "Sales+eu@acme.com", "O'Toole, Jane", "acme.com", "janeotoole at acme.com")]
    [InlineData(null, null, "José Núñez", "https://www.linkedin.com/company/acme", "josenunez at https://www.linkedin.com/company/acme")]
    [InlineData(null, null, "Ludwig van der Rohe", "WWW.Acme.com", "ludwigvanderrohe at acme.com")]
    [InlineData(null, null, "山田太郎", "acme.co.jp", "山田太郎 at acme.co.jp")]
    [InlineData(null, null, "王 小明", "acme.cn", "王小明 at acme.cn")]
    public void The_first_fact_that_names_a_person_is_the_key(
        string? linkedIn,
        string? email,
        string? name,
        string? company,
        string key) => Assert.Equal(key, PersonKey.Of(linkedIn, email, name, company));

    [Theory]
    [InlineData(Member, null, null, null)]
    [InlineData(Member, "contact@acme.com", "Jane Doe", null)]
    [InlineData(null, null, "Jane Doe", "gmail.com")]
    [InlineData(null, null, "Jane", "acme.com")]
    [InlineData(null, null, "Jane D.", "acme.com")]
    [InlineData(null, null, "J. Doe", "acme.com")]
    [InlineData(null, null, "王", "acme.cn")]
    [InlineData(null, null, "Jane / John Doe", "acme.com")]
    [InlineData(null, null, Member, "acme.com")]
    [InlineData(null, null, "null", "acme.com")]
    public void Facts_that_name_no_single_person_give_no_key(string? linkedIn, string? email, string? name, string? company) =>
        Assert.Null(PersonKey.Of(linkedIn, email, name, company));

    [Fact]
    public void Keys_by_name_are_neither_addresses_nor_of_another_company() =>
        Gen.Select(HostileText.Any, HostileText.Any).Sample(
            (name, company) =>
                PersonKey.Of(null, null, name, company) is not { } key
                || (key.Split(' ') is [{ Length: > 1 }, "at", var of] && of == CompanyKey.Of(company)),
            iter: 5_000);

    [Theory]
    [InlineData("info@acme.com", true)]
    [InlineData("Info+news@acme.com", true)]
    [InlineData("kontakt@acme.de", true)]
    [InlineData("informer@acme.com", false)]
    [InlineData("jane@info.com", false)]
    [InlineData("+info@acme.com", false)]
    public void A_mailbox_of_a_role_is_known_by_its_local_part(string text, bool isRole)
    {
        Assert.True(EmailAddress.TryParse(text, out var address));
        Assert.Equal(isRole, address.IsRole);
    }
}
