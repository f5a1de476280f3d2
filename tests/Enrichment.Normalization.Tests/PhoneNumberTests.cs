namespace Enrichment.Normalization.Tests;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("+1 415 555 0123", null, "+14155550123", null, "US")]
    [InlineData("'+1 415-555-0123", null, "+14155550123", null, "US")]
    [InlineData("(415) 555-0123", "US", "+14155550123", null, "US")]
    [InlineData("415.555.0123 ext. 42", "us", "+14155550123", "42", "US")]
    [InlineData("+1 415 555 0123 x42", null, "+14155550123", "42", "US")]
    [InlineData("tel:+14155550123;ext=42", null, "+14155550123", "42", "US")]
    [InlineData("020 7946 0958", "GB", "+442079460958", null, "GB")]
    [InlineData("+44 (0)20 7946 0958", null, "+442079460958", null, "GB")]
    [InlineData("00 49 30 123456", "DE", "+4930123456", null, "DE")]
    [InlineData("030/123456", "DE", "+4930123456", null, "DE")]
    [InlineData("+49 30 123456, +49 30 654321", null, "+4930123456", null, "DE")]
    public void Every_notation_of_a_number_is_one_key(string text, string? region, string e164, string? extension, string country)
    {
        Assert.True(PhoneNumber.TryParse(text, region, out var number));
        Assert.Equal(e164, number.E164);
        Assert.Equal(extension, number.Extension);
        Assert.Equal(country, number.Region);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("N/A")]
    [InlineData("call me")]
    [InlineData("123")]
    [InlineData("555-0123")]
    [InlineData("1.4155E+10")]
    [InlineData("+999 123 456 789")]
    [InlineData("\0\uD800")]
    public void What_cannot_be_dialled_is_refused(string? text) => Assert.False(PhoneNumber.TryParse(text, "US", out _));

    [Fact]
    public void A_national_number_needs_a_region()
    {
        Assert.False(PhoneNumber.TryParse("(415) 555-0123", out _));
        Assert.False(PhoneNumber.TryParse("(415) 555-0123", "??", out _));
    }

    [Fact]
    public void Made_up_numbers_are_read_and_said_to_be_unassignable()
    {
        Assert.True(PhoneNumber.TryParse("+1 555 010 0123", out var madeUp));
        Assert.False(madeUp.IsAssignable);
        Assert.True(PhoneNumber.TryParse("+1 650 253 0000", out var real));
        Assert.True(real.IsAssignable);
    }

    [Fact]
    public void An_extension_is_written_as_in_rfc_3966()
    {
        Assert.True(PhoneNumber.TryParse("+1 415 555 0123 x42", out var number));
        Assert.Equal("+14155550123;ext=42", number.ToString());
    }
}
