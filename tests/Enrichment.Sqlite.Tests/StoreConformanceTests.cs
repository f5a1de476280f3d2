using Enrichment.Conformance;

namespace Enrichment.Sqlite.Tests;

public sealed class StoreConformanceTests
{
    [Fact]
    public void Every_case_has_a_name_of_its_own_and_no_topic_is_left_out()
    {
        Assert.True(StoreConformance.Cases.Count > 150);
        Assert.Equal(StoreConformance.Cases.Count, StoreConformance.Cases.Select(c => c.Name).Distinct().Count());
        Assert.All(StoreConformance.Cases, c => Assert.DoesNotContain('_', c.Name));
        Assert.Equal(
            typeof(StoreConformance)
                .Assembly.GetTypes()
                .Where(t => t is { Namespace: "Enrichment.Conformance.Cases", DeclaringType: null })
                .Select(t => t.Name)
                .Order(),
            StoreConformance.Cases.Select(c => c.Topic).Distinct().Order());
    }

    [Fact]
    public async Task A_name_that_no_case_has_is_refused()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => StoreConformance.RunAsync("Nothing is ever lost", null!));

        Assert.StartsWith("No conformance case is named 'Nothing is ever lost'.", error.Message, StringComparison.Ordinal);
    }
}
