using System.Text;

namespace Enrichment.Normalization.Tests;

public sealed class BlankTextTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t\r\n\0")]
    [InlineData("\uFEFF")]
    [InlineData("null")]
    [InlineData(" NULL ")]
    [InlineData("N/A")]
    [InlineData("#N/A")]
    [InlineData("-")]
    [InlineData("--")]
    [InlineData("—")]
    [InlineData("\\N")]
    [InlineData("undefined")]
    [InlineData("#REF!")]
    [InlineData("#¡VALOR!")]
    [InlineData("#NV")]
    [InlineData("Loading...")]
    [InlineData("none")]
    [InlineData("(not set)")]
    [InlineData("keine Angabe")]
    public void Words_that_exports_write_into_empty_cells_are_blank(string? text)
    {
        Assert.True(BlankText.IsBlank(text));
        Assert.True(BlankText.IsBlank(Encoding.UTF8.GetBytes(text ?? "")));
        Assert.Null(BlankText.ToNull(text));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("Na")]
    [InlineData("None")]
    [InlineData("nullable")]
    [InlineData("N")]
    public void Names_and_numbers_are_not_blank(string text)
    {
        Assert.False(BlankText.IsBlank(text));
        Assert.False(BlankText.IsBlank(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(text, BlankText.ToNull(text));
    }

    [Fact]
    public void Long_text_in_UTF_8_is_blank_without_a_letter_or_a_digit()
    {
        Assert.True(BlankText.IsBlank(Encoding.UTF8.GetBytes(new string('—', 100))));
        Assert.True(BlankText.IsBlank(Encoding.UTF8.GetBytes(new string(' ', 100))));
        Assert.False(BlankText.IsBlank(Encoding.UTF8.GetBytes(new string('名', 100))));
        Assert.False(BlankText.IsBlank(Encoding.UTF8.GetBytes(new string('-', 100) + "a")));
        Assert.False(BlankText.IsBlank([0xff, 0xfe]));
    }
}
