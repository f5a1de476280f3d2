using System.Data.Common;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Storage;
using Enrichment.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

/// <summary>What becomes of outcomes that the store does not take at once.</summary>
public sealed class OutcomeWriterTests
{
    private static readonly RangeKey Range = new(0, 1, 1);
    private static readonly StagePlan Plan = StagePlans.Of<PaidStep>();

    private readonly FakeTimeProvider time = new() { AutoAdvanceAmount = TimeSpan.Zero };

    [Fact]
    public async Task Of_a_set_with_an_outcome_that_cannot_be_stored_all_others_are_stored()
    {
        var store = new OutcomeStore(items => Refuse("22P05", items.Any(item => item is { Item: 7, Status: Status.Completed })));

        var written = await WriterOf(store).CommitAsync(Plan, Request(20), null);

        Assert.Equal(Enumerable.Range(1, 20), written.Items.Order());
        Assert.Equal([7], store.Taken.Values.Where(item => item.Status == Status.Failed).Select(item => item.Item));
        Assert.Equal(19, store.Taken.Values.Count(item => item.Status == Status.Completed));
    }

    [Fact]
    public async Task An_outcome_that_cannot_be_stored_fails_with_a_reason_and_keeps_its_answer()
    {
        var store = new OutcomeStore(items => Refuse("23505", items[0].Status == Status.Completed));

        await WriterOf(store).SettleAsync(Plan, new(Range, [Answer(1)], ["message"]));

        var failed = store.Taken[1];
        Assert.Equal((Status.Failed, StepOutcomeKind.Failed, ErrorClass.InvalidOutput), (failed.Status, failed.Outcome, failed.ErrorClass));
        Assert.Equal(Answer(1).Result, failed.Result);
        Assert.StartsWith("The store cannot hold this outcome (SQLSTATE 23505;", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_no_row_can_hold_is_left_out_of_the_failure()
    {
        var store = new OutcomeStore(items => Refuse("54000", !items[0].Result.IsEmpty));

        await WriterOf(store).CommitAsync(Plan, Request(1), null);

        Assert.Equal((Status.Failed, 0, null), (store.Taken[1].Status, store.Taken[1].Result.Length, store.Taken[1].Cost));
    }

    [Fact]
    public async Task An_item_whose_failure_is_refused_too_is_tried_again_as_it_was()
    {
        var refusals = 6;
        var store = new OutcomeStore(_ => Refuse("23503", refusals-- > 0));

        var writing = WriterOf(store).CommitAsync(Plan, Request(1), null);
        await PassAsync(writing);

        Assert.Equal(Status.Completed, store.Taken[1].Status);
    }

    [Fact]
    public async Task A_set_that_takes_too_long_is_halved_until_it_does_not()
    {
        var store = new OutcomeStore(items =>
        {
            if (items.Count > 5)
            {
                throw new DatabaseError(null, new TimeoutException());
            }
        });

        await WriterOf(store).CommitAsync(Plan, Request(20), null);

        Assert.Equal([20, 10, 5, 5, 10, 5, 5], store.Tries.Select(items => items.Length));
        Assert.All(store.Taken.Values, item => Assert.Equal(Status.Completed, item.Status));
    }

    [Theory]
    [InlineData("25006")]
    [InlineData("28P01")]
    [InlineData("42501")]
    [InlineData("42P01")]
    [InlineData("57014")]
    [InlineData("XX000")]
    [InlineData(null)]
    public async Task Every_other_error_of_a_store_is_waited_out(string? state)
    {
        var failures = 5;
        var store = new OutcomeStore(_ => Refuse(state, failures-- > 0));

        var writing = WriterOf(store).CommitAsync(Plan, Request(1), null);
        await PassAsync(writing);

        Assert.Equal(Status.Completed, store.Taken[1].Status);
        Assert.Equal(6, store.Tries.Count);
    }

    [Fact]
    public async Task Outcomes_are_written_in_the_order_of_their_items()
    {
        var store = new OutcomeStore();

        await WriterOf(store)
            .CommitAsync(Plan, Request(20) with { Items = [.. Enumerable.Range(1, 20).Reverse().Select(item => Answer(item))] }, null);

        Assert.Equal([Enumerable.Range(1, 20).ToArray()], store.Tries);
    }

    [Fact]
    public async Task No_write_is_larger_than_its_bytes_allow_unless_one_answer_is()
    {
        var largest = 0L;
        var store = new OutcomeStore(items =>
            largest = Math.Max(largest, items.Count == 1 ? 0 : items.Sum(item => (long)item.Result.Length)));
        var megabyte = new byte[1024 * 1024];

        await WriterOf(store)
            .CommitAsync(
                Plan,
                Request(0) with
                {
                    Items =
                    [
                        .. Enumerable
                            .Range(1, 40)
                            .Select(item => Answer(item) with { Result = item == 20 ? new byte[20 * 1024 * 1024] : megabyte }),
                    ],
                },
                null);

        Assert.Equal(40, store.Taken.Count);
        Assert.InRange(largest, 2, OutcomeWriter.SetBytes);
        Assert.Equal([20], Assert.Single(store.Tries, items => items.Contains(20)));
    }

    [Fact]
    public async Task A_host_whose_time_to_drain_is_over_gives_up_after_one_more_try()
    {
        using var end = new CancellationTokenSource();
        var store = new OutcomeStore(_ => Refuse("57P03", true));
        var writing = WriterOf(store, end.Token).CommitAsync(Plan, Request(1), null);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => writing.WaitAsync(Wait.Patience));
        var before = store.Tries.Count;
        await Assert.ThrowsAsync<DatabaseError>(() => WriterOf(store, end.Token).CommitAsync(Plan, Request(1), null));
        Assert.Equal(before + 1, store.Tries.Count);
    }

    private OutcomeWriter WriterOf(OutcomeStore store, CancellationToken end = default) =>
        new(
            store,
            store,
            new(time, NullLogger.Instance, end),
            new CreditStore(time).Credits,
            limits: null,
            new(time, NullLogger.Instance, new(TimeProvider.System)));

    /// <summary>Lets time pass until a write is done.</summary>
    private async Task PassAsync(Task writing)
    {
        await Wait.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return writing.IsCompleted;
        });
        await writing;
    }

    private static CommitRequest Request(int items) =>
        new(new(Range, 1, 100, 1, 0, 0), "host", AttemptsAreOpen: true, [.. Enumerable.Range(1, items).Select(item => Answer(item))]);

    private static StateChange Answer(int item) =>
        new()
        {
            Item = item,
            ExpectedAttempt = 0,
            Attempt = 1,
            Generation = 1,
            Status = Status.Completed,
            Outcome = StepOutcomeKind.Completed,
            Result = Records.Utf8("{}"),
            Cost = 0.01m,
        };

    private static void Refuse(string? state, bool when)
    {
        if (when)
        {
            throw new DatabaseError(state, null);
        }
    }

    private sealed class DatabaseError(string? state, Exception? inner) : DbException("what the store says", inner)
    {
        public override string? SqlState => state;
    }

    [EnrichmentStep("test.paid", "1.0.0")]
    private sealed class PaidStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
