namespace Enrichment.Benchmarks.Server;

/// <summary>What the server had done at a moment: the difference of two is what something cost it.</summary>
/// <param name="WalBytes">Written to the log since the cluster was made.</param>
/// <param name="Commits">In the database. A connection reports them when it ends.</param>
/// <param name="DatabaseBytes">On the disk.</param>
/// <param name="Cpu">Of all its processes, those that have ended included.</param>
internal readonly record struct ServerFigures(long WalBytes, long Commits, long DatabaseBytes, TimeSpan Cpu)
{
    public static ServerFigures operator -(ServerFigures later, ServerFigures earlier) =>
        new(
            later.WalBytes - earlier.WalBytes,
            later.Commits - earlier.Commits,
            later.DatabaseBytes - earlier.DatabaseBytes,
            later.Cpu - earlier.Cpu);
}
