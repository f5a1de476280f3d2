using Enrichment.Execution;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public class VendorCreditsTests
{
    private static readonly StepOutcome UsedUp = StepOutcome.OutOfCredits("Nothing is left.");

    private readonly FakeTimeProvider time = new();
    private readonly StagePlan plan = StagePlans.Of<PaidStep>();

    [Fact]
    public void After_a_pause_one_call_finds_out_and_its_answer_lets_all_go_on()
    {
        var credits = new VendorCredits(time);
        Assert.Equal(10, credits.Allow(plan, 10, out _));

        credits.Note(plan, UsedUp);
        Assert.True(credits.IsPaused(plan));
        Assert.Equal(0, credits.Allow(plan, 10, out var rest));
        Assert.Equal(VendorCredits.Pause, rest);

        time.Advance(VendorCredits.Pause);
        Assert.Equal(1, credits.Allow(plan, 10, out _));
        Assert.False(credits.IsPaused(plan));
        Assert.Equal(0, credits.Allow(plan, 10, out _));

        credits.Note(plan, StepOutcome.NotFound());
        Assert.Equal(10, credits.Allow(plan, 10, out _));
    }

    [Fact]
    public void A_call_that_finds_nothing_bought_begins_the_pause_anew()
    {
        var credits = new VendorCredits(time);
        credits.Note(plan, UsedUp);
        time.Advance(VendorCredits.Pause);
        Assert.Equal(1, credits.Allow(plan, 10, out _));

        credits.Note(plan, UsedUp);

        Assert.Equal(0, credits.Allow(plan, 10, out var rest));
        Assert.Equal(VendorCredits.Pause, rest);
    }

    [Fact]
    public void A_call_of_which_nothing_came_is_followed_by_another()
    {
        var credits = new VendorCredits(time);
        credits.Note(plan, UsedUp);
        time.Advance(VendorCredits.Pause);
        Assert.Equal(1, credits.Allow(plan, 10, out _));

        time.Advance(plan.Stage.Timeout);

        Assert.Equal(1, credits.Allow(plan, 10, out _));
    }

    [EnrichmentStep("test.paid", "1.0.0", SafeToRepeat = true)]
    private sealed class PaidStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.NotFound());
    }
}
