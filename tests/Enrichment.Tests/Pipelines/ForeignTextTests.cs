namespace Enrichment.Tests.Pipelines;

public sealed class ForeignTextTests
{
    [Theory]
    [InlineData("a\u2028b\u2029c\u0085d\r\ne", "a b c d  e")]
    [InlineData("invoice\u202efdp.exe\u202c \u2066x\u2069", "invoice fdp.exe   x ")]
    [InlineData("\u001b[31mred\u001b]0;title\u0007\u009b2J", " [31mred ]0;title  2J")]
    [InlineData("hid\u200bden\ufeff\U000e0041", "hid den  ")]
    [InlineData("می\u200cخواهم 👩\u200d💻 née 株式会社", "می\u200cخواهم 👩\u200d💻 née 株式会社")]
    [InlineData("12345678901234567890123456789012345678👩", "12345678901234567890123456789012345678👩")]
    [InlineData("123456789012345678901234567890123456789👩", "123456789012345678901234567890123456789")]
    public void Characters_that_end_a_line_or_turn_or_hide_text_do_not_stay(string text, string expected) =>
        Assert.Equal(expected, ForeignText.Of(text, 40, " "));

    [Fact]
    public void Half_of_a_pair_is_no_character() => Assert.Equal("\ufffdhalf\ufffd", ForeignText.Of("\ud800half\udc00", 40, " "));
}
