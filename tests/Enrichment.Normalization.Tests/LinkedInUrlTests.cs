namespace Enrichment.Normalization.Tests;

public sealed class LinkedInUrlTests
{
    [Theory]
    [InlineData("http://www.linkedin.com/in/Jane-Doe/", LinkedInKind.Profile, "https://www.linkedin.com/in/jane-doe")]
    [InlineData("linkedin.com/in/jane-doe?utm=1#x", LinkedInKind.Profile, "https://www.linkedin.com/in/jane-doe")]
    [InlineData("https://uk.linkedin.com/in/jane-doe/details/experience", LinkedInKind.Profile, "https://www.linkedin.com/in/jane-doe")]
    [InlineData("https://www.linkedin.com/in/jos%C3%A9", LinkedInKind.Profile, "https://www.linkedin.com/in/jos%C3%A9")]
    [InlineData("https://www.linkedin.com/in/josé", LinkedInKind.Profile, "https://www.linkedin.com/in/jos%C3%A9")]
    [InlineData(
        "https://www.linkedin.com/in/ACwAAAJx1abcDEFghiJKLmnoPQRstuVWXyz0123",
        LinkedInKind.MemberId,
        "https://www.linkedin.com/in/ACwAAAJx1abcDEFghiJKLmnoPQRstuVWXyz0123"
    )]
    [InlineData(
        "https://www.linkedin.com/sales/lead/ACwAAAJx1abcDEFghi,NAME_SEARCH,x1Yz",
        LinkedInKind.MemberId,
        "https://www.linkedin.com/in/ACwAAAJx1abcDEFghi"
    )]
    [InlineData("https://www.linkedin.com/sales/lead/x1Yz,NAME_SEARCH", LinkedInKind.MemberId, "https://www.linkedin.com/sales/lead/x1Yz")]
    [InlineData("/company/Acme", LinkedInKind.Company, "https://www.linkedin.com/company/acme")]
    [InlineData("https://www.linkedin.com/company/Acme/about/", LinkedInKind.Company, "https://www.linkedin.com/company/acme")]
    [InlineData("https://www.linkedin.com/sales/company/1234", LinkedInKind.Company, "https://www.linkedin.com/company/1234")]
    [InlineData("https://www.linkedin.com/school/mit/", LinkedInKind.School, "https://www.linkedin.com/school/mit")]
    public void Every_spelling_of_an_address_is_one_key(string text, LinkedInKind kind, string expected)
    {
        Assert.True(LinkedInUrl.TryParse(text, out var url));
        Assert.Equal(kind, url.Kind);
        Assert.Equal(expected, url.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("jane-doe")]
    [InlineData("https://acme.com/in/jane-doe")]
    [InlineData("https://notlinkedin.com/in/jane-doe")]
    [InlineData("https://www.linkedin.com/")]
    [InlineData("https://www.linkedin.com/in/")]
    [InlineData("https://www.linkedin.com/feed/update/1")]
    [InlineData("https://www.linkedin.com/in/null")]
    public void A_url_that_points_to_nobody_is_refused(string? text) => Assert.False(LinkedInUrl.TryParse(text, out _));
}
