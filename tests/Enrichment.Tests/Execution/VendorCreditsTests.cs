using System.Runtime.CompilerServices;
using Enrichment.Hosting;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public class VendorCreditsTests
{
    private static readonly StepOutcome UsedUp = StepOutcome.OutOfCredits("Nothing is left.");

    private readonly FakeTimeProvider time = new();
    private readonly StagePlan plan = StagePlans.Of<PaidStep>();
    private readonly CreditStore store;
    private readonly VendorCredits here;
    private readonly VendorCredits there;

    public VendorCreditsTests()
    {
        store = new(time);
        (here, there) = (store.Credits, store.Credits);
    }

    [Fact]
    public async Task After_a_pause_one_call_finds_out_and_its_answer_lets_all_go_on()
    {
        Assert.Equal(10, await AllowAsync(here));
        Assert.Empty(store.Calls);

        await HearAsync(here, UsedUp);
        Assert.True(here.IsPaused(plan));
        Assert.Equal(0, await AllowAsync(here));
        Assert.Equal(OutcomeRules.UsedUpPause, here.Rest(plan));

        time.Advance(OutcomeRules.UsedUpPause);
        Assert.Equal(1, await AllowAsync(here));
        Assert.False(here.IsPaused(plan));
        Assert.Equal(0, await AllowAsync(here));

        await HearAsync(here, StepOutcome.NotFound());
        Assert.Equal(10, await AllowAsync(here));
    }

    [Fact]
    public async Task A_call_that_finds_nothing_bought_begins_the_pause_anew()
    {
        await HearAsync(here, UsedUp);
        time.Advance(OutcomeRules.UsedUpPause);
        Assert.Equal(1, await AllowAsync(here));

        await HearAsync(here, UsedUp);

        Assert.Equal(0, await AllowAsync(here));
        Assert.Equal(OutcomeRules.UsedUpPause, here.Rest(plan));
    }

    [Fact]
    public async Task A_look_that_began_before_the_store_knew_of_a_pause_does_not_end_it()
    {
        var asked = AskMeanwhile();

        await HearAsync(here, UsedUp);
        here.Learn([], asked.Value);

        Assert.True(here.IsPaused(plan));
    }

    [Fact]
    public async Task A_look_that_began_before_a_probe_was_won_does_not_keep_it_from_calling()
    {
        await HearAsync(here, UsedUp);
        time.Advance(OutcomeRules.UsedUpPause);
        var asked = AskMeanwhile();

        Assert.Equal(1, await AllowAsync(here));
        here.Learn([new(plan.Account.Name, time.GetUtcNow(), time.GetUtcNow(), TimeSpan.Zero, false)], asked.Value);
        await here.ReadAsync(default);

        Assert.False(here.IsPaused(plan));
    }

    /// <summary>The moment of a look that begins while the store is told something, and ends later.</summary>
    private StrongBox<long> AskMeanwhile()
    {
        var asked = new StrongBox<long>();
        store.Meanwhile = () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            asked.Value = time.GetTimestamp();
            time.Advance(TimeSpan.FromMilliseconds(1));
        };
        return asked;
    }

    [Fact]
    public async Task A_call_of_which_nothing_came_is_followed_by_another()
    {
        await HearAsync(here, UsedUp);
        time.Advance(OutcomeRules.UsedUpPause);
        Assert.Equal(1, await AllowAsync(here));

        time.Advance(plan.Stage.Timeout);

        Assert.Equal(1, await AllowAsync(here));
    }

    [Fact]
    public async Task A_call_that_was_not_made_leaves_the_next_one_to_whoever_is_first_but_one_that_was_does_not()
    {
        await HearAsync(here, UsedUp);
        time.Advance(OutcomeRules.UsedUpPause);
        Assert.Equal(1, await AllowAsync(here));
        await there.ReadAsync(default);
        Assert.Equal(0, await AllowAsync(there));

        await here.ReturnAsync(plan);
        await there.ReadAsync(default);
        Assert.Equal(1, await AllowAsync(there));

        there.Begin(plan);
        await there.ReturnAsync(plan);
        await here.ReadAsync(default);
        Assert.Equal(0, await AllowAsync(here));
    }

    [Fact]
    public async Task A_pause_that_one_host_hears_of_holds_for_another_and_one_alone_probes()
    {
        await HearAsync(here, UsedUp);
        await there.ReadAsync(default);
        Assert.True(there.IsPaused(plan));
        Assert.Equal(0, await AllowAsync(there));

        time.Advance(OutcomeRules.UsedUpPause);
        Assert.Equal(1, await AllowAsync(there));
        Assert.Equal(0, await AllowAsync(here));
        Assert.True(here.IsPaused(plan));

        await HearAsync(there, StepOutcome.NotFound());
        await here.ReadAsync(default);
        Assert.Equal(10, await AllowAsync(here));
    }

    [Fact]
    public async Task An_operator_who_resumes_an_account_lets_every_host_go_on()
    {
        await HearAsync(here, UsedUp);
        await AllowAsync(here);
        Assert.Equal((1, (short)1), Assert.Single(here.Resting()).Stage);

        await store.ResumeAccountAsync(plan.Account, probed: false, default);
        await here.ReadAsync(default);

        Assert.Equal(10, await AllowAsync(here));
        Assert.Empty(here.Resting());
    }

    [Fact]
    public async Task A_call_that_began_before_an_account_was_resumed_pauses_nothing()
    {
        await HearAsync(here, UsedUp);
        var began = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(1));
        await store.ResumeAccountAsync(plan.Account, probed: false, default);
        await here.ReadAsync(default);

        await HearAsync(here, UsedUp, began);
        Assert.Equal(10, await AllowAsync(here));

        time.Advance(TimeSpan.FromSeconds(1));
        var later = time.GetTimestamp();
        here.Note(plan, UsedUp, began);
        await HearAsync(here, UsedUp, later); // Told together, the younger call counts.
        Assert.Equal(0, await AllowAsync(here));
    }

    [Fact]
    public async Task A_look_that_began_before_a_call_was_answered_is_not_believed()
    {
        var asked = time.GetTimestamp();
        time.Advance(TimeSpan.FromTicks(1));
        here.Note(plan, UsedUp, time.GetTimestamp());
        here.Learn([], asked);
        Assert.True(here.IsPaused(plan));
        await here.TellAsync(plan, AtOnce);

        here.Learn([], asked);

        Assert.True(here.IsPaused(plan));
    }

    [Fact]
    public async Task Calls_that_were_out_together_tell_the_store_once()
    {
        for (var call = 0; call < 3; call++)
        {
            await HearAsync(here, UsedUp);
        }

        Assert.Equal(1, store.Calls.Count(call => call == nameof(IEnrichmentStore.PauseAccountAsync)));
    }

    private async Task<int> AllowAsync(VendorCredits credits) => (await credits.AllowAsync(plan, 10, plan.Stage.Timeout, default)).Calls;

    private async Task HearAsync(VendorCredits credits, StepOutcome outcome, long? began = null)
    {
        credits.Note(plan, outcome, began ?? time.GetTimestamp());
        await credits.TellAsync(plan, AtOnce);
    }

    private static async ValueTask<bool> AtOnce(Func<CancellationToken, Task<bool>> call) => await call(default);

    [EnrichmentStep("test.paid", "1.0.0", SafeToRepeat = true)]
    private sealed class PaidStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.NotFound());
    }
}
