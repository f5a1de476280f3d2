using System.Collections.Concurrent;
using Enrichment.Pipelines;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>Secrets may come from a source that is asked over a network.</summary>
public sealed class SecretsTests
{
    [Fact]
    public async Task A_source_that_is_awaited_is_asked_no_more_often_than_one_that_answers_at_once()
    {
        var atOnce = 0;
        var vault = new Vault();
        await using var direct = await StartAsync(e => e.UseSecrets(_ =>
        {
            Interlocked.Increment(ref atOnce);
            return "k3y";
        }));
        await using var awaited = await StartAsync(e =>
        {
            e.UseSecrets((secret, cancellationToken) => vault.ReadAsync(secret.Name, cancellationToken));
        });

        Assert.Equal(["k3y", "k3y"], await KeysAsync(direct));
        Assert.Equal(["the VENDOR", "the VENDOR"], await KeysAsync(awaited));

        // The launch, whether this host may call, and the one interval that was claimed.
        Assert.Equal((3, 3), (atOnce, vault.Reads));
    }

    [Fact]
    public async Task A_host_that_stops_while_a_secret_is_awaited_gives_its_items_back_untouched()
    {
        var asked = 0;
        var waits = new TaskCompletionSource();
        var blocked = true;
        await using var bench = await StartAsync(e => e.UseSecrets(async (_, stop) =>
        {
            if (Interlocked.Increment(ref asked) == 3 && blocked)
            {
                waits.SetResult();
                await new TaskCompletionSource().Task.WaitAsync(stop);
            }

            return "k3y";
        }));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        using var stop = new CancellationTokenSource();
        var working = bench.Engine.RunAsync(stop.Token);
        await waits.Task.WaitAsync(Wait.Patience);

        await stop.CancelAsync();
        await working.WaitAsync(Wait.Patience);

        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal((Status.Pending, 0), (state.Status, state.Tries)));
        Assert.Empty(await bench.Engine.ExamineAsync());
        blocked = false;
        await bench.Engine.RunUntilDrainedAsync();
        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal(Status.Completed, state.Status));
    }

    [Fact]
    public async Task An_awaited_source_that_fails_fails_the_launch_with_the_type_of_its_fault()
    {
        await using var bench = await StartAsync(e => e.UseSecrets(async (_, _) =>
        {
            await Task.Yield();
            throw new TimeoutException("the vault with k3y");
        }));

        var refused = await Assert.ThrowsAsync<PreflightException>(() => bench.RunAsync());

        Assert.Contains("the host's resolver threw System.TimeoutException.", Assert.Single(refused.Problems), StringComparison.Ordinal);
    }

    private static readonly ConcurrentDictionary<string, ConcurrentBag<string?>> Used = new();

    private static Task<Bench> StartAsync(Action<EnrichmentBuilder> secrets)
    {
        var script = "";
        script = ScriptedStep.ScriptJson(context =>
        {
            Used.GetOrAdd(script, _ => []).Add(context.Options<ScriptOptions>().ApiKey);
            return context.Named();
        }).GetProperty("script").GetString()!;
        return Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(new { script, apiKey = "secret:VENDOR" })),
            ["Acme", "Globex"],
            secrets);
    }

    private static async Task<List<string?>> KeysAsync(Bench bench)
    {
        var batch = await bench.RunAsync();
        Assert.Equal(BatchStatus.Completed, batch.Status);
        var script = PipelineSnapshot.FromJson(batch.Snapshot).Stage(1).Settings!.Value.GetProperty("script").GetString()!;
        return [.. Used[script]];
    }

    private sealed class Vault
    {
        private int reads;

        public int Reads => Volatile.Read(ref reads);

        public async ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Interlocked.Increment(ref reads);
            await Task.Yield();
            return $"the {name}";
        }
    }
}
