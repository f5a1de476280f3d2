namespace Enrichment.Normalization.Tests;

public sealed class DoubleEncodingTests
{
    [Theory]
    [InlineData("JosÃ© NÃºÃ±ez", "José Núñez")]
    [InlineData("Oâ€™Brien â€“ Co", "O’Brien – Co")]
    [InlineData("MÃ\u0081LAGA", "MÁLAGA")]
    [InlineData("Ð˜Ð²Ð°Ð½", "Иван")]
    [InlineData("JosÃƒÂ©", "José")]
    [InlineData("â‚¬ 5", "€ 5")]
    [InlineData("Å\u0081ukasz Kowalski", "Łukasz Kowalski")]
    public void Text_that_was_decoded_twice_is_repaired(string text, string meant) => Assert.Equal(meant, DoubleEncoding.Repair(text));

    [Theory]
    [InlineData("José Núñez")]
    [InlineData("“CAFÉ”")]
    [InlineData("CAFÉ”")]
    [InlineData("SÃO PAULO")]
    [InlineData("Âme sœur")]
    [InlineData("JosÃ© und José")]
    [InlineData("20 °C")]
    [InlineData("王小明")]
    [InlineData("")]
    public void Text_that_may_be_meant_so_stays(string text) => Assert.Same(text, DoubleEncoding.Repair(text));
}
