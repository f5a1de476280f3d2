namespace Enrichment.Conformance;

/// <summary>What the operator of a random walk does. It knows of every act what it must change.</summary>
internal sealed class RandomControls(Scene scene, Random random, IReadOnlyList<Batch> batches, int stages, Action<string> log)
{
    /// <summary>Begins a new generation of some items that have ended.</summary>
    public async Task RetryAsync()
    {
        var batch = Any();
        var ended = (await scene.StatesAsync(batch))
            .GroupBy(s => s.Item)
            .Where(item => item.All(s => s.Status.IsTerminal()) && random.Next(3) > 0)
            .ToList();
        var stage = (short)random.Next(1, stages + 1);
        var begun = await scene.Store.RetryAsync(batch.Key, stage, [.. ended.Select(item => item.Key)], sameKey: false, default);
        log($"retried {begun} items of batch {batch.Key} from stage {stage}");
        Expect.Equal(ended.Count(item => item.Any(s => s.Stage == stage)), begun, "the items that begin a new generation");
    }

    /// <summary>Skips some items, or supplies their results.</summary>
    public async Task ResolveAsync()
    {
        var batch = Any();
        var all = await scene.StatesAsync(batch);
        var stage = (short)random.Next(1, stages + 1);
        var chosen = all.Where(s => s.Stage == stage && random.Next(3) > 0).ToList();
        var failed = chosen.Where(s => s.Status == Status.Failed && !all.Any(n => n.Item == s.Item && n.Stage > stage)).ToList();
        var request = random.Next(2) == 0
            ? Cases.Resolving.Skip(batch, stage, [.. chosen.Select(s => s.Item)], "walk", stage < stages)
            : Cases.Resolving.Supply(batch, stage, [.. chosen.Select(s => s.Item)], stage < stages);
        var ended = await scene.Store.ResolveAsync(request, default);
        var after = (await scene.StatesAsync(batch)).Where(s => s.Stage == stage).ToDictionary(s => s.Item);
        var changed = chosen.Where(s => after[s.Item].Generation > s.Generation).ToList();
        log($"{request.Kind} {ended} items of batch {batch.Key} at stage {stage}");
        Expect.Equal(changed.Count, ended, "the items that an operator ended");
        Expect.That(
            changed.All(s => s.Status is Status.Pending or Status.Failed && after[s.Item].Status == request.Status),
            "an operator ends what is pending or failed alone");
        Expect.That(failed.All(changed.Contains), "an operator ends whatever has failed and stands there");
    }

    /// <summary>Holds a batch, or lets it go on.</summary>
    public async Task PauseAsync()
    {
        var batch = await scene.ReloadAsync(Any());
        var paused = batch.Status == BatchStatus.Paused;
        Expect.Equal(batch.Status <= BatchStatus.Paused, await scene.Store.SetPausedAsync(batch.Key, !paused, default));
        log($"batch {batch.Key} was {(paused ? "resumed" : "paused")}");
    }

    /// <summary>Cancels a batch. Returns it.</summary>
    public async Task<Batch> CancelAsync()
    {
        var batch = await scene.ReloadAsync(Any());
        Expect.Equal(batch.Status <= BatchStatus.Paused, await scene.Store.CancelAsync(batch.Key, default) is not null);
        log($"batch {batch.Key} was cancelled");
        return batch;
    }

    private Batch Any() => batches[random.Next(batches.Count)];
}
