using Enrichment.Entities;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Enrichment.Tests.Execution;

/// <summary>What becomes of items while their request batch changes.</summary>
public sealed class EntityRequestsTests
{
    private static readonly StagePlan Plan = StagePlans.Of<CompanyStep>("company.domain");

    [Fact]
    public async Task Items_are_requested_however_often_their_request_batch_was_closed_meanwhile()
    {
        var store = new RequestStore { Closings = 20 };

        var requested = await RequestAsync(store);

        Assert.Equal([1], requested.Waits.Select(wait => wait.Item));
        Assert.Empty(requested.Outcomes);
        Assert.Equal(21, store.Opened);
    }

    [Fact]
    public async Task Items_wait_with_the_reason_while_their_request_batch_is_being_cancelled()
    {
        var requested = await RequestAsync(new() { Closings = 1, IsCancelled = true });

        var outcome = Assert.Single(requested.Outcomes);
        Assert.Equal((Status.Pending, WaitReason.Retry), (outcome.Status, outcome.Waits));
        Assert.Contains("are being cancelled", outcome.Error, StringComparison.Ordinal);
    }

    private static Task<RequestedItems> RequestAsync(RequestStore store)
    {
        StoreRetry calls = new(TimeProvider.System, NullLogger.Instance);
        var outcomes = new OutcomeStore();
        var credits = new CreditStore(TimeProvider.System).Credits;
        OutcomeWriter writer = new(
            outcomes,
            outcomes,
            calls,
            credits,
            limits: null,
            new(TimeProvider.System, NullLogger.Instance, new(TimeProvider.System)));
        var item = new ClaimedItem
        {
            Item = 1,
            Generation = 1,
            Attempt = 0,
            Tries = 0,
            Raw = Records.Utf8("""["acme.com"]"""),
        };
        return new EntityRequests(store, calls, writer, "host", TimeProvider.System).RequestAsync(Plan, bucket: 7, [item]);
    }

    private sealed class RequestStore : IEntityRequestStore
    {
        /// <summary>How often the batch is closed between its opening and the request.</summary>
        public int Closings { get; set; }

        /// <summary>Whether it is cancelled once it was closed so often.</summary>
        public bool IsCancelled { get; init; }

        public int Opened { get; private set; }

        public Task<EntityRequestBatch?> OpenRequestBatchAsync(EntityRequestBatchKey request, CancellationToken cancellationToken) =>
            Task.FromResult(IsCancelled && Closings == 0 ? null : new EntityRequestBatch(2, ++Opened, 2, Guid.Empty, [2]));

        public Task<IReadOnlyList<RequestedEntity>?> RequestAsync(EntityRequestSet request, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RequestedEntity>?>(
                Closings-- > 0 ? null : [new(new(request.Entities[0].Bucket, 2, 1), null, default, Made: true)]);

        public Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(
            Lease lease,
            string owner,
            IReadOnlyList<EntityWaiter> waits,
            TimeSpan actsAfter,
            CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<MovedItems>> ReconcileRequestsAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<int> CountAnsweredAsync(AnsweredEntities request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<EntitySavings>> ReadSavingsAsync(int batch, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    [EnrichmentStep("test.company", "1.0.0", Reads = ["company.domain"], Produces = ["company.size"])]
    [Entity("company", "company.domain")]
    private sealed class CompanyStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
