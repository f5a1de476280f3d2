using Enrichment.Scheduling;
using Enrichment.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

/// <summary>
/// The rule by itself; that it holds over a store's own statements is shown by the walks of StoreConformance.CompleteWaitersAsync.
/// </summary>
public class FairSchedulerTests
{
    private static readonly DueBatch Acme = new(1, 1, 10);
    private static readonly DueBatch AcmesOther = new(2, 1, 10);
    private static readonly DueBatch Globex = new(3, 2, 10);
    private static readonly DueBatch Initech = new(4, 3, 10);

    private readonly FakeTimeProvider time = new();

    [Fact]
    public void One_client_has_all_claims_but_the_last_which_goes_to_another_at_once()
    {
        var share = new FairScheduler(() => 2, time);

        Assert.Equal([1, 2], [Next(share, Acme, AcmesOther).Batch, Next(share, Acme, AcmesOther).Batch]);
        Assert.Null(share.Next([Acme, AcmesOther], None));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Null(share.Next([Acme, AcmesOther], None));

        Assert.Equal(Globex.Batch, Next(share, Acme, AcmesOther, Globex).Batch);
    }

    [Fact]
    public void A_changed_number_of_claims_holds_for_the_next_choice()
    {
        var most = 1;
        var share = new FairScheduler(() => most, time);
        Next(share, Acme, AcmesOther);
        Assert.Null(share.Next([Acme, AcmesOther], None));

        most = 3;
        var (second, third) = (Next(share, Acme, AcmesOther), Next(share, Acme, AcmesOther));
        most = 1;

        // Three go on, where there may be one and one more of another client.
        Assert.Null(share.Next([Acme, AcmesOther, Globex], None));
        second.Dispose();
        third.Dispose();
        Assert.Equal(Globex.Batch, Next(share, Acme, AcmesOther, Globex).Batch);
    }

    [Fact]
    public void The_last_claim_is_kept_while_each_client_has_one()
    {
        var share = new FairScheduler(() => 2, time);
        Next(share, Acme, Globex);
        Next(share, Acme, Globex);

        Assert.Null(share.Next([Acme, Globex], None));

        Assert.Equal(Initech.Batch, Next(share, Acme, Globex, Initech).Batch);
    }

    [Fact]
    public void Claims_that_come_free_together_go_to_one_and_the_other()
    {
        var share = new FairScheduler(() => 4, time);

        var turns = Enumerable.Range(0, 4).Select(_ => Next(share, Acme, Globex).Batch).ToList();

        Assert.Equal(2, turns.Count(batch => batch == Acme.Batch));
    }

    [Fact]
    public void A_client_that_holds_a_claim_long_waits_long_for_the_next()
    {
        var share = new FairScheduler(() => 1, time);
        Assert.Equal(
            1.0,
            Shares(share, TimeSpan.FromMinutes(100), (Acme, TimeSpan.FromSeconds(60)), (Globex, TimeSpan.FromSeconds(1))),
            0.05);
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(40, 10)]
    [InlineData(1, 100)]
    public void The_batches_of_a_client_have_time_by_their_priorities(short one, short other)
    {
        var share = new FairScheduler(() => 1, time);
        var ratio = Shares(
            share,
            TimeSpan.FromMinutes(100),
            (Acme with { Priority = one }, TimeSpan.FromSeconds(2)),
            (AcmesOther with { Priority = other }, TimeSpan.FromSeconds(3)));
        Assert.InRange(ratio, 0.9 * one / other, 1.1 * one / other);
    }

    [Fact]
    public void A_priority_takes_nothing_from_another_client()
    {
        var share = new FairScheduler(() => 1, time);
        Assert.Equal(
            1.0,
            Shares(
                share,
                TimeSpan.FromMinutes(10),
                (Acme with { Priority = 100 }, TimeSpan.FromSeconds(1)),
                (Globex with { Priority = 1 }, TimeSpan.FromSeconds(1))),
            0.05);
    }

    [Fact]
    public void A_new_priority_counts_from_the_next_turn_on()
    {
        var share = new FairScheduler(() => 1, time);
        Shares(share, TimeSpan.FromMinutes(10), (Acme, TimeSpan.FromSeconds(1)), (AcmesOther, TimeSpan.FromSeconds(1)));

        var ratio = Shares(
            share,
            TimeSpan.FromMinutes(10),
            (Acme with { Priority = 50 }, TimeSpan.FromSeconds(1)),
            (AcmesOther, TimeSpan.FromSeconds(1)));

        Assert.InRange(ratio, 4.5, 5.5);
    }

    [Fact]
    public void Nobody_has_credit_for_the_time_when_there_was_nothing_to_do()
    {
        var share = new FairScheduler(() => 1, time);
        Next(share, Globex).Dispose();
        Shares(share, TimeSpan.FromHours(1), (Acme, TimeSpan.FromSeconds(1)), (Initech, TimeSpan.FromSeconds(1)));

        Assert.Equal(1.0, Shares(share, TimeSpan.FromMinutes(1), (Globex, TimeSpan.FromSeconds(1)), (Acme, TimeSpan.FromSeconds(1))), 0.1);
    }

    [Fact]
    public void Nobody_is_rid_of_what_was_had_by_having_nothing_to_do_for_a_moment()
    {
        var share = new FairScheduler(() => 1, time);
        var turn = Next(share, Acme, Globex);
        Assert.Equal(Acme.Batch, turn.Batch);
        time.Advance(TimeSpan.FromMinutes(1));
        turn.Dispose();
        Next(share, Globex).Dispose();

        var turns = Enumerable.Range(0, 50).Select(_ => Once(share, TimeSpan.FromSeconds(1), Acme, Globex));

        Assert.All(turns, batch => Assert.Equal(Globex.Batch, batch));
    }

    [Fact]
    public void Nobody_loses_what_is_still_to_come_while_all_its_work_is_in_hand()
    {
        var (urgent, other) = (Acme with { Priority = 100 }, AcmesOther with { Priority = 1 });
        var share = new FairScheduler(() => 2, time);
        var first = Next(share, urgent, other);
        var second = Next(share, other);
        time.Advance(TimeSpan.FromSeconds(10));
        second.Dispose();
        first.Dispose();

        var turns = Enumerable.Range(0, 50).Select(_ => Once(share, TimeSpan.FromSeconds(1), urgent, other));

        Assert.All(turns, batch => Assert.Equal(urgent.Batch, batch));
    }

    [Fact]
    public void A_batch_in_which_nothing_was_found_is_passed_over()
    {
        var share = new FairScheduler(() => 2, time);

        Assert.Equal(AcmesOther.Batch, share.Next([Acme, AcmesOther], new HashSet<int> { Acme.Batch })!.Batch);
        Assert.Equal(Globex.Batch, share.Next([Acme, AcmesOther, Globex], new HashSet<int> { Acme.Batch, AcmesOther.Batch })!.Batch);
        Assert.Null(share.Next([Acme], new HashSet<int> { Acme.Batch }));
        Assert.Null(share.Next([], None));
    }

    private static IReadOnlySet<int> None => new HashSet<int>();

    private static ScheduledSlot Next(FairScheduler share, params DueBatch[] due) => share.Next(due, None)!;

    private int Once(FairScheduler share, TimeSpan lasts, params DueBatch[] due)
    {
        using var turn = Next(share, due);
        time.Advance(lasts);
        return turn.Batch;
    }

    /// <summary>Lets two batches take turns, each as long as its steps are slow. Returns how much more loop time the first had.</summary>
    private double Shares(
        FairScheduler share,
        TimeSpan during,
        (DueBatch Batch, TimeSpan ScheduledSlot) one,
        (DueBatch Batch, TimeSpan ScheduledSlot) other)
    {
        var had = new Dictionary<int, double> { [one.Batch.Batch] = 0, [other.Batch.Batch] = 0 };
        var end = time.GetUtcNow() + during;
        while (time.GetUtcNow() < end)
        {
            var turn = Next(share, one.Batch, other.Batch);
            var lasts = turn.Batch == one.Batch.Batch ? one.ScheduledSlot : other.ScheduledSlot;
            time.Advance(lasts);
            turn.Dispose();
            had[turn.Batch] += lasts.TotalSeconds;
        }

        return had[one.Batch.Batch] / had[other.Batch.Batch];
    }
}
