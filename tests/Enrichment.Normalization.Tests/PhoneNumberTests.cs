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
    [InlineData("=\"+14155550123\"", null, "+14155550123", null, "US")]
    [InlineData("4,47900900123e11", "GB", "+447900900123", null, "GB")]
    [InlineData("4.4790090012300E+11", "GB", "+447900900123", null, "GB")]
    [InlineData("+14155550123.00", null, "+14155550123", null, "US")]
    [InlineData("+1 415 555 0123 or +1 415 555 0199", null, "+14155550123", null, "US")]
    [InlineData("Mobile: +49 170 1234567", null, "+491701234567", null, "DE")]
    [InlineData("Tel.: 030/1234567", "DE", "+49301234567", null, "DE")]
    [InlineData("+49 30 1234567 (office, not on Fridays)", null, "+49301234567", null, "DE")]
    [InlineData("++49 30 1234567", null, "+49301234567", null, "DE")]
    [InlineData("+0049 30 1234567", null, "+49301234567", null, "DE")]
    [InlineData("0049(0)30 1234567", "DE", "+49301234567", null, "DE")]
    [InlineData("+49 [0] 30 1234567", null, "+49301234567", null, "DE")]
    [InlineData("(0)30 1234567", "DE", "+49301234567", null, "DE")]
    [InlineData("(+49) 30 1234567", null, "+49301234567", null, "DE")]
    [InlineData("011 44 20 7946 0958", "US", "+442079460958", null, "GB")]
    [InlineData("0044 20 7946 0958", "US", "+442079460958", null, "GB")]
    [InlineData("+49 30 1234567 +49 170 1234567", null, "+49301234567", null, "DE")]
    [InlineData("0301234567/01701234567", "DE", "+49301234567", null, "DE")]
    [InlineData("M: 415-555-0123 & W: 415-555-0199", "US", "+14155550123", null, "US")]
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
    [InlineData("1.41555501E+10")]
    [InlineData("3E+9")]
    [InlineData("0000000000")]
    [InlineData("999-999-9999")]
    [InlineData("2024-01-15")]
    [InlineData("+999 123 456 789")]
    [InlineData("\0\uD800")]
    public void A_number_that_cannot_be_dialled_is_refused(string? text) => Assert.False(PhoneNumber.TryParse(text, "US", out _));

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
