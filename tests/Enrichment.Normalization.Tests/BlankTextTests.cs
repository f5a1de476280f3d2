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
    public void What_exports_write_into_empty_cells_is_blank(string? text)
    {
        Assert.True(BlankText.IsBlank(text));
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
        Assert.Equal(text, BlankText.ToNull(text));
    }
}
