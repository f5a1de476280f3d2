namespace Enrichment.Conformance.Cases;

internal static class FairSharing
{
    // The lowest seeds stand for all others; more are walked by StoreConformance.ShareAsync.
    public static async Task A_small_batch_waits_for_one_interval_of_each_rival_and_time_is_shared_by_priority(Scene scene)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            await new FairnessWalk(scene, seed).RunAsync();
        }
    }
}
