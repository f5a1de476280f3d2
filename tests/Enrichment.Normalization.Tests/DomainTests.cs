namespace Enrichment.Normalization.Tests;

public sealed class DomainTests
{
    [Theory]
    [InlineData("acme.com", "acme.com")]
    [InlineData("HTTP://WWW.Acme.com/", "acme.com")]
    [InlineData("acme.com/path?utm=1", "acme.com")]
    [InlineData("acme.com?utm=1", "acme.com")]
    [InlineData("acme.com#top", "acme.com")]
    [InlineData("acme.com:8080", "acme.com")]
    [InlineData("https://user:secret@shop.acme.com:8443/a/b?c=d@e#f", "acme.com")]
    [InlineData("jane@acme.com", "acme.com")]
    [InlineData("//acme.com/x", "acme.com")]
    [InlineData("acme.com.", "acme.com")]
    [InlineData("  \"acme.com\" ", "acme.com")]
    [InlineData("http:/acme.com", "acme.com")]
    [InlineData("http//acme.com", "acme.com")]
    [InlineData("https:\\\\acme.com\\x", "acme.com")]
    [InlineData("acme.com, acme.de", "acme.com")]
    [InlineData("Doe.Jane, acme.com", "acme.com")]
    [InlineData("acme.com, Doe.Jane", "acme.com")]
    [InlineData("www.acme.co.uk", "acme.co.uk")]
    [InlineData("a.b.acme.com.au", "acme.com.au")]
    [InlineData("acme.github.io", "acme.github.io")]
    [InlineData("blog.acme.github.io", "acme.github.io")]
    [InlineData("acme.example", "acme.example")]
    [InlineData("www.com", "www.com")]
    [InlineData("Müller.de", "xn--mller-kva.de")]
    [InlineData("XN--MLLER-KVA.de", "xn--mller-kva.de")]
    [InlineData("bu\u0308cher.example", "xn--bcher-kva.example")]
    [InlineData("食狮。公司。cn", "xn--85x722f.xn--55qx5d.cn")]
    [InlineData("https://пример.рф/путь", "xn--e1afmkfd.xn--p1ai")]
    public void Every_spelling_of_a_domain_is_one_key(string text, string expected)
    {
        Assert.True(Domain.TryParse(text, out var domain));
        Assert.Equal(expected, domain.Value);
        Assert.Equal(expected, domain.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("Jane Example")]
    [InlineData("J. Example")]
    [InlineData("Mr.Jane Example")]
    [InlineData("localhost")]
    [InlineData("http://intranet/")]
    [InlineData("192.168.0.1")]
    [InlineData("http://192.168.0.1:8080/x")]
    [InlineData("[2001:db8::1]")]
    [InlineData("http://[::1]/")]
    [InlineData("com")]
    [InlineData("co.uk")]
    [InlineData("a..com")]
    [InlineData(".com")]
    [InlineData("-acme.com")]
    [InlineData("acme_shop.com")]
    [InlineData("=cmd|' /C calc'!A0")]
    [InlineData("xn--a.com")]
    [InlineData("acme.c")]
    [InlineData("acme.123")]
    [InlineData("\uD800.com")]
    [InlineData("acme\0.com")]
    public void Text_that_is_no_domain_is_refused(string? text) => Assert.False(Domain.TryParse(text, out _));

    [Theory]
    [InlineData("gmail.com", true, false)]
    [InlineData("mail.yahoo.co.uk", true, false)]
    [InlineData("hotmail.fr", true, false)]
    [InlineData("https://www.linkedin.com/company/acme", false, true)]
    [InlineData("github.io", false, true)]
    [InlineData("google.de", false, true)]
    [InlineData("acme.com", false, false)]
    [InlineData("notgmail.com", false, false)]
    public void Whether_a_domain_speaks_for_a_company_is_a_question_of_its_own(string text, bool freeMail, bool platform)
    {
        Assert.True(Domain.TryParse(text, out var domain));
        Assert.Equal(freeMail, domain.IsFreeMail);
        Assert.Equal(platform, domain.IsPlatform);
        Assert.Equal(!freeMail && !platform, domain.IsCompany);
    }

    [Fact]
    public void A_domain_can_be_shown_in_its_own_script_and_knows_its_suffix()
    {
        Assert.True(Domain.TryParse("www.müller.co.uk", out var domain));
        Assert.Equal("müller.co.uk", domain.Unicode);
        Assert.Equal("co.uk", domain.Suffix);
        Assert.True(domain.HasListedSuffix);
        Assert.True(Domain.TryParse("acme.example", out var unlisted));
        Assert.False(unlisted.HasListedSuffix);
    }

    [Fact]
    public void Spellings_of_one_domain_are_equal()
    {
        Assert.True(Domain.TryParse("HTTP://www.acme.com/x", out var one));
        Assert.True(Domain.TryParse("acme.com", out var other));
        Assert.Equal(one, other);
    }
}
