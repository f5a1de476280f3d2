using Enrichment.Callbacks;
using Enrichment.Steps;
using Enrichment.Tests.Execution;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Callbacks;

public sealed class StageSchemesTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly Queue<TaskCompletionSource<string?>> asked = [];

    [Fact]
    public async Task Deliveries_that_come_at_once_share_one_question_for_the_secret()
    {
        var (schemes, plan) = Schemes();
        Task<CallbackAuthentication?>[] waiting = [.. Enumerable.Range(0, 5).Select(_ => schemes.FindAsync(plan, default).AsTask())];

        Assert.All(waiting, one => Assert.False(one.IsCompleted));
        Assert.Single(asked).SetResult("first");

        Assert.All(await Task.WhenAll(waiting), scheme => Assert.Equal("first", Key(scheme)));
        Assert.Equal("first", Key(await schemes.FindAsync(plan, default)));
        Assert.Single(asked);
    }

    [Fact]
    public async Task A_secret_is_asked_for_again_after_a_second_or_a_fault()
    {
        var (schemes, plan) = Schemes();
        using var left = new CancellationTokenSource();
        var (leaving, staying) = (schemes.FindAsync(plan, left.Token).AsTask(), schemes.FindAsync(plan, default).AsTask());
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        asked.Dequeue().SetException(new TimeoutException());
        await Assert.ThrowsAsync<EnrichmentException>(() => staying);

        var again = schemes.FindAsync(plan, default).AsTask();
        asked.Dequeue().SetResult("second");
        Assert.Equal("second", Key(await again));
        Assert.Empty(asked);

        clock.Advance(TimeSpan.FromSeconds(2));
        var rotated = schemes.FindAsync(plan, default).AsTask();
        asked.Dequeue().SetResult("third");
        Assert.Equal("third", Key(await rotated));
    }

    private static string Key(CallbackAuthentication? scheme) =>
        Assert.Single(Assert.IsType<CallbackAuthentication.StandardWebhooks>(scheme).Secrets);

    private (StageSchemes Schemes, Plans.StagePlan Plan) Schemes()
    {
        var services = new ServiceCollection();
        var steps = new StepActivator(
            new([StepDescriptor.Of<KeyedReceiver>()]),
            services.BuildServiceProvider(),
            new(services),
            (_, _) =>
            {
                var answer = new TaskCompletionSource<string?>();
                asked.Enqueue(answer);
                return new(answer.Task);
            },
            new());
        return (new(steps, clock), StagePlans.With<KeyedReceiver>(new { key = "secret:KEY" }, "company.name"));
    }

    [EnrichmentStep(
        "test.keyed-receiver",
        "1.0.0",
        Reads = ["company.name"],
        Produces = ["company.answer"],
        DeadlineSeconds = 60,
        Options = typeof(KeyedReceiverOptions))]
    public sealed class KeyedReceiver : ICallbackReceiver
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public CallbackAuthentication Authentication(object? options) =>
            new CallbackAuthentication.StandardWebhooks(((KeyedReceiverOptions)options!).Key);

        public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) => throw new NotSupportedException();
    }

    public sealed class KeyedReceiverOptions
    {
        [Secret]
        public required string Key { get; init; }
    }
}
