using Xunit.Abstractions;

namespace Enrichment.Chaos.Tests;

/// <summary>kill -9 of hosts that change a typed table again and again, each at a statement that nobody chose.</summary>
public sealed class ChangeKillTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_change_that_is_killed_again_and_again_ends_as_a_fresh_build(string kind)
    {
        await using var store = await ChaosStore.CreateAsync(kind);
        var run = new ChangeRun(store);
        await run.BeginAsync();
        for (var generation = 1; run.Kills < Size.ChangedKills; generation++)
        {
            var before = run.Shown;
            await run.ActAsync(generation, "apply", generation);
            if (generation % 2 == 0)
            {
                await run.ActAsync(generation, $"{ChangeRun.VersionOf(before)}", before);
            }

            if (generation % 3 == 0)
            {
                await run.ActAsync(run.Shown, "sweep", run.Shown);
                await run.AuditSweptAsync();
            }
        }

        await run.AuditAsync();
        output.WriteLine(run.Summary);
    }
}
