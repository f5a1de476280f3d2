namespace Enrichment.Sqlite.Tests;

public sealed class ExactSumTests
{
    [Theory]
    [InlineData("('0.1'), ('0.2')", "0.3")]
    [InlineData("('0.1'), (null), ('123456789012345678.01')", "123456789012345678.11")]
    [InlineData("(null)", null)]
    public void Costs_are_summed_as_decimals(string costs, string? sum)
    {
        using var connection = new DatabaseFile(":memory:", new()).Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"select exact_sum(1, column1) from (values {costs})";

        Assert.Equal(sum, command.ExecuteScalar() as string);
    }
}
