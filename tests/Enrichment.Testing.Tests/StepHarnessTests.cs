using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;

namespace Enrichment.Testing.Tests;

public sealed class StepHarnessTests
{
    [Fact]
    public async Task A_step_runs_against_a_record_in_three_lines()
    {
        var harness = StepHarness
            .For<DomainStep>()
            .With("company.website", "https://acme.com/about")
            .WithOptions(new DomainOptions { Prefix = "d:" });
        var answer = await harness.RunAsync();
        Assert.Equal("d:acme.com", answer.Text("company.domain"));

        Assert.Equal(StepOutcomeKind.Completed, answer.Kind);
        Assert.Equal("""{"company.domain":"d:acme.com"}""", answer.Json);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t")]
    public async Task A_blank_field_is_absent(string? blank)
    {
        var answer = await StepHarness.For<DomainStep>().With("company.website", blank).RunAsync();

        Assert.Equal((StepOutcomeKind.Skipped, "no website"), (answer.Kind, answer.Reason));
        Assert.Null(answer.Text("company.domain"));
    }

    [Fact]
    public async Task Options_that_are_not_given_have_their_defaults()
    {
        var answer = await StepHarness.For<DomainStep>().With("company.website", "https://acme.com").RunAsync();

        Assert.Equal("acme.com", answer.Text("company.domain"));
    }

    [Fact]
    public void Options_that_a_launch_would_refuse_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            StepHarness.For<DomainStep>().WithOptions(new DomainOptions { Prefix = "too long a prefix" }));

        Assert.Contains("would be refused at launch", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => StepHarness.For<DomainStep>().WithOptions("something else"));
    }

    [Fact]
    public void A_field_that_the_step_does_not_read_cannot_be_put_into_its_record()
    {
        var error = Assert.Throws<ArgumentException>(() => StepHarness.For<DomainStep>().With("company.websit", "x"));

        Assert.StartsWith(
            "Step 'test.domain' does not declare that it reads 'company.websit'; it reads company.website.",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_reads_an_undeclared_field_breaks_its_contract_even_if_it_swallows_the_refusal()
    {
        var error = await Assert.ThrowsAsync<StepContractException>(() => Of(context =>
        {
            try
            {
                context.Record.Text("person.email");
            }
            catch (InvalidOperationException)
            {
            }

            return StepOutcome.Skipped("nothing");
        }).RunAsync());

        Assert.Contains("it reads 'person.email'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_produces_an_undeclared_field_breaks_its_contract()
    {
        var error = await Assert.ThrowsAsync<StepContractException>(() =>
            Of(_ => StepOutcome.Completed([new("found", "a"), new("other", "b")])).RunAsync());

        Assert.Contains("it produces 'other'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'found'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vendors_whole_answer_may_hold_anything_and_fields_are_found_by_their_paths()
    {
        var answer = await StepHarness.For<VendorStep>().RunAsync();

        Assert.Equal("acme.com", answer.Text("company.domain"));
        Assert.Equal("250", answer.Text("company.size"));
        Assert.Equal(JsonValueKind.Number, answer.Value("company.size")!.Value.ValueKind);
        Assert.Null(answer.Text("company.phone"));
        Assert.Throws<ArgumentException>(() => answer.Text("company.name"));
    }

    [Theory]
    [InlineData("""{"found":"\u0000"}""")]
    [InlineData("""{"found":1e999999}""")]
    [InlineData("""{"found":"a","found":"b"}""")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task A_result_that_may_not_be_stored_is_invalid_output(string result)
    {
        var answer = await Of(_ => StepOutcome.CompletedJson(Encoding.UTF8.GetBytes(result))).RunAsync();

        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.InvalidOutput), (answer.Kind, answer.ErrorClass));
        Assert.StartsWith("The step's result may not be stored: ", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_throw_and_a_null_are_failures_of_the_item()
    {
        var thrown = await Of(_ => throw new FormatException("what is this")).RunAsync();
        var nothing = await Of(_ => null!).RunAsync();

        Assert.Equal(
            (StepOutcomeKind.Failed, ErrorClass.Permanent, "The step threw System.FormatException: what is this"),
            (thrown.Kind, thrown.ErrorClass, thrown.Reason));
        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.InvalidOutput), (nothing.Kind, nothing.ErrorClass));
    }

    [Fact]
    public async Task A_step_that_hangs_is_timed_out_by_the_harness_clock()
    {
        var harness = StepHarness.For<HangingStep>();
        var running = harness.RunAsync();
        harness.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(running.IsCompleted);

        harness.Clock.Advance(TimeSpan.FromSeconds(1));

        var answer = await running;
        Assert.Equal((StepOutcomeKind.Unknown, "The step did not answer within 5 s."), (answer.Kind, answer.Reason));
    }

    [Fact]
    public async Task A_pure_step_out_of_time_is_tried_again()
    {
        var harness = StepHarness.For(new WaitingStep(TimeSpan.FromHours(1)));
        var running = harness.RunAsync();
        harness.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(StepOutcomeKind.Retry, (await running).Kind);
    }

    [Fact]
    public async Task A_step_may_wait_on_the_harness_clock()
    {
        var harness = StepHarness.For(new WaitingStep(TimeSpan.FromSeconds(10)));
        var running = harness.RunAsync();
        harness.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("2026-01-01T00:00:10", (await running).Text("found"));
    }

    [Fact]
    public async Task The_hosts_cancellation_is_no_outcome()
    {
        using var host = new CancellationTokenSource();
        var running = StepHarness.For<HangingStep>().RunAsync(host.Token);
        await host.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Attempt_key_and_columns_are_what_the_test_says()
    {
        var answer = await Of(context =>
                StepOutcome.Completed(
                    "found",
                    $"{context.Attempt} {context.IdempotencyKey} {context.Record.Column("WEBSITE ")} {context.Record.Column("none")}"))
            .WithAttempt(3)
            .WithIdempotencyKey("key")
            .WithColumn("Website", "acme.com")
            .RunAsync();

        Assert.Equal("3 key acme.com ", answer.Text("found"));
    }

    [Fact]
    public async Task A_step_that_is_answered_later_is_given_an_address_and_one_that_is_not_sees_none()
    {
        var harness = StepHarness.For<LaterStep>();

        Assert.Equal($"job at {harness.CallbackUrl}", (await harness.RunAsync()).Outcome.Reference);
        Assert.EndsWith("/" + harness.CallbackToken, harness.CallbackUrl.AbsolutePath, StringComparison.Ordinal);
        Assert.Equal(
            "",
            (await Of(context => StepOutcome.Completed("found", $"{context.CallbackToken}{context.CallbackUrl}")).RunAsync()).Text("found"));
    }

    [Fact]
    public async Task A_poll_has_the_reference_that_the_call_was_answered()
    {
        var harness = StepHarness.For<LaterStep>();
        Assert.Equal("nothing of ", (await harness.PollAsync()).Reason);

        await harness.RunAsync();

        Assert.Equal($"nothing of job at {harness.CallbackUrl}", (await harness.PollAsync()).Reason);
    }

    [Theory]
    [InlineData("Bearer hidden", null)]
    [InlineData("Bearer guessed", "the bearer secret is wrong")]
    [InlineData(null, "Authorization: Bearer is missing")]
    public void A_delivery_is_read_if_a_host_would_take_it(string? authorization, string? refused)
    {
        var harness = StepHarness.For<LaterStep>();
        Dictionary<string, string> headers = new() { ["X-Kind"] = "final" };
        if (authorization is not null)
        {
            headers["authorization"] = authorization;
        }

        if (refused is null)
        {
            Assert.Equal("Engineer final of 1 header", harness.Receive("Engineer", headers).Text("found"));
        }
        else
        {
            Assert.Equal(
                $"A host would refuse this delivery: {refused}.",
                Assert.Throws<DeliveryRefusedException>(() => harness.Receive("Engineer", headers)).Message);
        }
    }

    [Fact]
    public async Task A_half_that_the_step_does_not_have_is_told()
    {
        Assert.Throws<InvalidOperationException>(() => StepHarness.For<DomainStep>().Receive("{}"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => StepHarness.For<DomainStep>().PollAsync());
    }

    private static StepHarness Of(Func<StepContext, StepOutcome> body) => StepHarness.For(new LambdaStep(body));

    private sealed class DomainOptions
    {
        [MaxLength(5)]
        public string Prefix { get; set; } = "";
    }

    [EnrichmentStep(
        "test.domain",
        "1.0.0",
        Reads = ["company.website"],
        Produces = ["company.domain"],
        Pure = true,
        Options = typeof(DomainOptions))]
    private sealed class DomainStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(
            context.Record.Text("company.website") is { } site
                ? StepOutcome.Completed("company.domain", context.Options<DomainOptions>().Prefix + new Uri(site).Host)
                : StepOutcome.Skipped("no website"));
    }

    [EnrichmentStep(
        "test.vendor",
        "1.0.0",
        Produces = ["company.domain=/data/domain", "company.size=/data/size", "company.phone=/data/phone"])]
    private sealed class VendorStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.CompletedJson("""{"status":"ok","data":{"domain":"acme.com","size":250,"phone":null}}"""u8.ToArray()));
    }

    [EnrichmentStep("test.lambda", "1.0.0", Produces = ["found"], Pure = true)]
    private sealed class LambdaStep(Func<StepContext, StepOutcome> body) : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(body(context));
    }

    [EnrichmentStep("test.later", "1.0.0", Produces = ["found"])]
    private sealed class LaterStep : ICallbackReceiver, IPollingStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.AwaitingPoll($"job at {context.CallbackUrl}"));

        public ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.Failed($"nothing of {context.Reference}"));

        public CallbackAuthentication Authentication(object? options) => new CallbackAuthentication.Bearer("hidden");

        public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) =>
            StepOutcome.Completed(
                "found",
                $"{Encoding.UTF8.GetString(delivery.Body.Span)} {delivery.Headers["x-kind"]} of {delivery.Headers.Count} header");
    }

    [EnrichmentStep("test.hanging", "1.0.0", TimeoutSeconds = 5)]
    private sealed class HangingStep : IEnrichmentStep
    {
        public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
        {
            await new TaskCompletionSource().Task;
            return StepOutcome.NotFound();
        }
    }

    [EnrichmentStep("test.waiting", "1.0.0", Produces = ["found"], Pure = true)]
    private sealed class WaitingStep(TimeSpan wait) : IEnrichmentStep
    {
        public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(wait, context.TimeProvider, cancellationToken);
            return StepOutcome.Completed("found", context.TimeProvider.GetUtcNow().ToString("s"));
        }
    }
}
