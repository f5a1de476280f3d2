namespace Enrichment.Architecture.Tests;

/// <summary>Fails with every fault in full, one a line; a collection assertion would cut them short.</summary>
internal static class Faults
{
    public static void AssertNone(IEnumerable<string> faults)
    {
        string[] found = [.. faults];
        Assert.True(found.Length == 0, $"{found.Length} found:\n{string.Join('\n', found)}");
    }
}
