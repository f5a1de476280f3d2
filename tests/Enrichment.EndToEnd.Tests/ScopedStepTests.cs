using System.Collections.Concurrent;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.EndToEnd.Tests;

/// <summary>
/// A step that asks for scoped services has a scope for each call, whether the container checks scopes, as in Development, or not.
/// </summary>
public sealed class ScopedStepTests
{
    private const int Rows = 50;

    [Theory]
    [InlineData("test.scoped", true)]
    [InlineData("test.scoped", false)]
    [InlineData("test.scoped-below", true)]
    [InlineData("test.scoped-below", false)]
    [InlineData("test.scoped-forwarded", true)]
    [InlineData("test.scoped-forwarded", false)]
    [InlineData("test.scoped-job", true)]
    [InlineData("test.scoped-job", false)]
    [InlineData("test.scoped-made", true)]
    [InlineData("test.scoped-made", false)]
    public async Task Each_call_has_its_own_scoped_services_and_they_end_with_it(string step, bool validateScopes)
    {
        var unit = await RunAsync(step, validateScopes);

        Assert.Equal(0, unit.Shared);
        Assert.InRange(unit.Made, Rows, int.MaxValue);
        Assert.Equal(unit.Made, unit.Disposed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_step_that_asks_for_none_is_one_instance(bool validateScopes)
    {
        SingleStep.Made = 0;
        await RunAsync("test.single", validateScopes);

        Assert.Equal(1, SingleStep.Made);
    }

    private static async Task<Units> RunAsync(string step, bool validateScopes)
    {
        var units = new Units();
        var services = new ServiceCollection()
            .AddSingleton(units)
            .AddScoped<Unit>()
            .AddTransient<Repository>()
            .AddTransient<IForwarded>(provider => provider.GetRequiredService<Unit>());
        services.AddEnrichment(e =>
            e.UseSqlite(":memory:")
                .AddStep<ScopedStep>()
                .AddStep<ScopedBelowStep>()
                .AddStep<ScopedForwardedStep>()
                .AddStep<ScopedJobStep>()
                .AddStep<SingleStep>()
                .AddSteps([
                    StepDescriptor.Of(
                        new()
                        {
                            Slug = "test.scoped-made",
                            Version = "1.0.0",
                            Reads = ["company.name"],
                            Effects = Effects.Pure,
                        },
                        "test",
                        null,
                        provider => new ScopedStep(provider.GetRequiredService<Unit>())),
                ])
                .AddPipeline("scoped", p => p.Step(step))
                .ConfigureWorker(TestEngine.Quick));
        await using var provider = services.BuildServiceProvider(validateScopes);
        var engine = provider.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        Assert.Equal(BatchStatus.Completed, (await engine.RunAsync(TestEngine.Companies(Rows), "scoped")).Status);
        return units;
    }

    private sealed class Units
    {
        private readonly ConcurrentDictionary<Unit, int> uses = [];
        private int made;
        private int disposed;

        public int Made => made;

        public int Disposed => disposed;

        public int Shared => uses.Values.Count(count => count > 1);

        public void Make() => Interlocked.Increment(ref made);

        public void Dispose() => Interlocked.Increment(ref disposed);

        public void Use(Unit unit) => uses.AddOrUpdate(unit, 1, (_, count) => count + 1);
    }

    private interface IForwarded
    {
        StepOutcome Work();
    }

    private sealed class Unit : IForwarded, IAsyncDisposable
    {
        private readonly Units units;
        private bool ended;

        public Unit(Units units)
        {
            this.units = units;
            units.Make();
        }

        public StepOutcome Work()
        {
            ObjectDisposedException.ThrowIf(ended, this);
            units.Use(this);
            return StepOutcome.Completed([]);
        }

        public ValueTask DisposeAsync()
        {
            if (!ended) // A container ends what it hands out under two names twice.
            {
                ended = true;
                units.Dispose();
            }

            return default;
        }
    }

    private sealed class Repository(Unit unit)
    {
        public StepOutcome Work() => unit.Work();
    }

    [EnrichmentStep("test.scoped", "1.0.0", Reads = ["company.name"], Pure = true)]
    private sealed class ScopedStep(Unit unit) : IEnrichmentStep
    {
        public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return unit.Work();
        }
    }

    [EnrichmentStep("test.scoped-below", "1.0.0", Reads = ["company.name"], Pure = true)]
    private sealed class ScopedBelowStep(Repository repository) : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(repository.Work());
    }

    [EnrichmentStep("test.scoped-forwarded", "1.0.0", Reads = ["company.name"], Pure = true)]
    private sealed class ScopedForwardedStep(IForwarded forwarded) : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(forwarded.Work());
    }

    [EnrichmentStep("test.scoped-job", "1.0.0", Reads = ["company.name"], PollSeconds = 0.01, DeadlineSeconds = 600)]
    private sealed class ScopedJobStep(Unit unit) : IPollingStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(unit.Work() is null ? null! : StepOutcome.AwaitingPoll("job"));

        public ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken) => new(unit.Work());
    }

    [EnrichmentStep("test.single", "1.0.0", Reads = ["company.name"], Pure = true)]
    private sealed class SingleStep : IEnrichmentStep
    {
        public SingleStep(Units units)
        {
            ArgumentNullException.ThrowIfNull(units);
            Interlocked.Increment(ref Made);
        }

        public static int Made;

        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.Completed([]));
    }
}
