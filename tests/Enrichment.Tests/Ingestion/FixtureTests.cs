namespace Enrichment.Tests.Ingestion;

public class FixtureTests
{
    public static TheoryData<string> Files => [.. Fixtures.All.Select(f => f.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_gives_exactly_the_report_beside_it(string file)
    {
        var fixture = Fixtures.All.Single(f => f.File == file);
        if (Environment.GetEnvironmentVariable("ENRICHMENT_WRITE_FIXTURES") == "1")
        {
            await File.WriteAllBytesAsync(fixture.DataPath, fixture.Content);
            await File.WriteAllTextAsync(fixture.ReportPath, await fixture.OutcomeAsync());
        }

        Assert.Equal(await File.ReadAllTextAsync(fixture.ReportPath), await fixture.OutcomeAsync());
    }

    [Fact]
    public void Every_file_is_the_one_its_fixture_makes() =>
        Assert.All(
            Fixtures.All,
            f =>
                Assert.True(
                    File.ReadAllBytes(f.DataPath).AsSpan().SequenceEqual(f.Content),
                    $"{f.File} differs from what its fixture makes."));

    [Fact]
    public void Every_documented_encoding_has_a_file() =>
        Assert.All(
            Enrichment.Ingestion.TextEncodings.Tested,
            e =>
                Assert.Contains(
                    Fixtures.All,
                    f => f.File.StartsWith("encoding-" + e.Replace("utf-", "utf", StringComparison.Ordinal), StringComparison.Ordinal)));
}
