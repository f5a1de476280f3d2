namespace Enrichment.Normalization.Tests;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("jane@acme.com", "jane@acme.com")]
    [InlineData("  Jane.Doe@ACME.Com ", "jane.doe@acme.com")]
    [InlineData("mailto:jane@acme.com?subject=Hi", "jane@acme.com")]
    [InlineData("MAILTO:jane@acme.com", "jane@acme.com")]
    [InlineData("\"Doe, Jane\" <jane@acme.com>", "jane@acme.com")]
    [InlineData("Jane <mailto:jane@acme.com>", "jane@acme.com")]
    [InlineData("<jane@acme.com>", "jane@acme.com")]
    [InlineData("'jane@acme.com'", "jane@acme.com")]
    [InlineData("jane@acme.com; joe@acme.com", "jane@acme.com")]
    [InlineData("jane@acme.com,", "jane@acme.com")]
    [InlineData("jane+tag@mail.acme.co.uk", "jane+tag@mail.acme.co.uk")]
    [InlineData("o'toole@acme.com", "o'toole@acme.com")]
    [InlineData("jane@müller.de", "jane@xn--mller-kva.de")]
    public void Every_spelling_of_an_address_is_one_key(string text, string expected)
    {
        Assert.True(EmailAddress.TryParse(text, out var address));
        Assert.Equal(expected, address.Value);
        Assert.Equal(expected, address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("n/a")]
    [InlineData("jane")]
    [InlineData("jane@")]
    [InlineData("@acme.com")]
    [InlineData("jane@acme")]
    [InlineData("jane@localhost")]
    [InlineData("jane@[192.168.0.1]")]
    [InlineData("jane@192.168.0.1")]
    [InlineData("jane..doe@acme.com")]
    [InlineData("jane.@acme.com")]
    [InlineData("jane@@acme.com")]
    [InlineData("\"jane doe\"@acme.com")]
    [InlineData("jane doe@acme.com")]
    [InlineData("josé@acme.com")]
    [InlineData("jane@acme..com")]
    [InlineData("jane\0@acme.com")]
    [InlineData("https://acme.com/@jane")]
    public void An_address_that_no_mailbox_has_is_refused(string? text) => Assert.False(EmailAddress.TryParse(text, out _));

    [Fact]
    public void The_local_part_has_at_most_64_characters()
    {
        Assert.True(EmailAddress.TryParse(new string('a', 64) + "@acme.com", out _));
        Assert.False(EmailAddress.TryParse(new string('a', 65) + "@acme.com", out _));
    }

    [Fact]
    public void An_address_knows_its_host_its_domain_and_whether_it_is_free_mail()
    {
        Assert.True(EmailAddress.TryParse("Jane@mail.acme.co.uk", out var work));
        Assert.Equal("jane", work.Local);
        Assert.Equal("mail.acme.co.uk", work.Host);
        Assert.Equal("acme.co.uk", work.Domain?.Value);
        Assert.False(work.IsFreeMail);
        Assert.True(EmailAddress.TryParse("jane@googlemail.com", out var own));
        Assert.True(own.IsFreeMail);
        Assert.True(EmailAddress.TryParse("jane@gov.uk", out var registry));
        Assert.Null(registry.Domain);
    }
}
