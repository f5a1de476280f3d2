using System.Runtime.CompilerServices;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Tables;
using Enrichment.Hosting;
using Enrichment.Sqlite;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What a host does now and then waits for nothing else that it does now and then.</summary>
public sealed class SweepTests
{
    [Theory]
    [InlineData(nameof(IEnrichmentStore.TransactAsync))]
    [InlineData(nameof(IEnrichmentStore.RepairRangesAsync))]
    [InlineData(nameof(IEnrichmentStore.FindToAdvanceAsync))]
    [InlineData(nameof(IEnrichmentStore.FindUncancelledAsync))]
    public async Task Batches_end_while_another_part_of_the_sweep_takes_long(string held)
    {
        using var real = new SqliteStore(":memory:");
        var store = new HeldStore(real, held);
        await using var engine = await TestEngine.StartAsync(e => e.UseStore(_ => store)
            .AddStep<ScriptedStep>()
            .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named()))))
            .AddProjection(Projection.Define("final_leads", p => p.Text("company", s => s.Field("company.answer"))))
            .ConfigureWorker(TestEngine.Quick));
        await engine.WhileWorkingAsync(
            async () =>
            {
                await EndAsync(engine.Client("acme"));
                await store.Begun.Task.WaitAsync(Wait.Patience, TimeProvider.System);

                await EndAsync(engine.Client("globex"));
            },
            () => store.Open.TrySetResult());

        Assert.Empty(await engine.ExamineAsync());
    }

    private static async Task EndAsync(EnrichmentClient client) =>
        Assert.Equal(BatchStatus.Completed, (await client.EndOfAsync(await client.LaunchAsync("Company Name\na\nb\n", "scripted"))).Status);

    /// <summary>A store of which one operation is held, once it was begun, until it is let go.</summary>
    private sealed class HeldStore(IEnrichmentStore real, string held) : StoreDouble(real)
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async Task<T> TransactAsync<T>(
            string projection,
            Func<ProjectionSession, Task<T>> work,
            CancellationToken cancellationToken)
        {
            await HoldAsync();
            return await base.TransactAsync(projection, work, cancellationToken);
        }

        public override async Task<IReadOnlyList<RangeKey>> FindToAdvanceAsync(int limit, CancellationToken cancellationToken)
        {
            await HoldAsync();
            return await base.FindToAdvanceAsync(limit, cancellationToken);
        }

        public override async Task<IReadOnlyList<(int Batch, short Bucket)>> FindUncancelledAsync(CancellationToken cancellationToken)
        {
            await HoldAsync();
            return await base.FindUncancelledAsync(cancellationToken);
        }

        public override async Task<int> RepairRangesAsync(CancellationToken cancellationToken)
        {
            await HoldAsync();
            return await base.RepairRangesAsync(cancellationToken);
        }

        private async Task HoldAsync([CallerMemberName] string operation = "")
        {
            if (operation == held)
            {
                Begun.TrySetResult();
                await Open.Task;
            }
        }
    }
}
