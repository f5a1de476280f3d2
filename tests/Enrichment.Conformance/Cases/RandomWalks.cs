namespace Enrichment.Conformance.Cases;

internal static class RandomWalks
{
    // The lowest seeds stand for all others; more are walked by StoreConformance.WalkAsync.
    public static async Task Under_random_operations_every_state_moves_legally_and_the_doctor_finds_nothing(Scene scene)
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            await new RandomWalk(scene, seed).RunAsync(operations: 100);
        }
    }

    public static async Task Under_random_operations_each_task_is_fetched_once_and_reported_by_its_worker_alone(Scene scene)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            await new TaskWalk(scene, seed).RunAsync(operations: 70);
        }
    }
}
