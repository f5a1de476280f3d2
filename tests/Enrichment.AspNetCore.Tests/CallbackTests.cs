using System.Collections.Concurrent;
using System.Text;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests;

/// <summary>Deliveries over real HTTP to a host that works meanwhile.</summary>
public sealed class CallbackTests
{
    [Fact]
    public async Task An_answer_completes_its_item_and_the_next_stage_begins()
    {
        await using var receiver = await DeliveringAsync<VendorStep>(
            async (receiver, context) =>
                Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), Signed.Answer(context.Name())))),
            ["Globex", "Initech"],
            p =>
                p.Step(
                    "vendor.signed",
                    s => s.Options(VendorStep.Script(context => Task.FromResult(StepOutcome.Completed("company.answer", context.Name()))))));

        var batch = await receiver.RunAsync();

        Assert.Equal(BatchStatus.Completed, batch.Status);
        var states = await receiver.StatesAsync(batch);
        Assert.Equal(4, states.Count);
        Assert.All(states, state => Assert.Equal(Status.Completed, state.Status));
        Assert.All(
            await receiver.InboxAsync(batch),
            delivery => Assert.Equal((DeliveryState.Applied, 1), (delivery.State, delivery.Times)));
    }

    [Fact]
    public async Task A_step_is_told_how_long_it_has()
    {
        var told = new ConcurrentQueue<TimeSpan>();
        var script = VendorStep.Script(context =>
        {
            told.Enqueue(context.Timeout);
            return Task.FromResult(StepOutcome.Completed("company.answer", context.Name()));
        });
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            script,
            ["Globex"],
            p => p.Step("vendor.signed", s => s.Options(script).Timeout(TimeSpan.FromSeconds(90))));

        await receiver.RunAsync();

        Assert.Equal([TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90)], told);
    }

    [Fact]
    public async Task An_answer_that_is_faster_than_the_call_counts_once()
    {
        await using var receiver = await StartAsync<VendorStep>(
            async (receiver, context) =>
            {
                await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), Signed.Answer(context.Name())));
                await Wait.UntilAsync(async () =>
                    (await receiver.InboxOfAllAsync()).Any(delivery => delivery.State == DeliveryState.Applied));
                return StepOutcome.AwaitingCallback("late reference");
            },
            ["Globex"]);

        var state = Assert.Single(await receiver.StatesAsync(await receiver.RunAsync()));

        Assert.Equal((Status.Completed, 1), (state.Status, state.Attempt));
    }

    [Fact]
    public async Task The_same_delivery_fifty_times_at_once_has_one_effect_and_is_stored_once()
    {
        await using var receiver = await DeliveringAsync<VendorStep>(
            async (receiver, context) =>
            {
                var answers = await Task.WhenAll(
                    Enumerable
                        .Range(0, 50)
                        .Select(_ =>
                            receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), Signed.Answer("one"), id: "msg_same"))));
                Assert.All(answers, answer => Assert.Equal(202, answer));
            },
            ["Globex"]);

        var batch = await receiver.RunAsync();

        var delivery = Assert.Single(await receiver.InboxAsync(batch));
        Assert.Equal((DeliveryState.Applied, 50), (delivery.State, delivery.Times));
        Assert.Single(await receiver.Engine.Store.ReadResultsAsync(batch.Key, default).ToListAsync());
    }

    [Fact]
    public async Task Of_two_different_answers_the_first_counts_and_the_other_is_kept_with_the_reason()
    {
        await using var receiver = await DeliveringAsync<VendorStep>((_, _) => Task.CompletedTask, ["Globex"]);
        StepContext? sent = null;
        receiver.Called = context => sent = context;

        var batch = await receiver.WorkAsync(async () =>
        {
            await Wait.UntilAsync(() => sent is not null);
            await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(sent!), Signed.Answer("first")));
            await Wait.UntilAsync(async () => (await receiver.InboxOfAllAsync()).Any(delivery => delivery.State == DeliveryState.Applied));
            Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(sent!), Signed.Answer("second"))));
            await Wait.UntilAsync(async () =>
                (await receiver.InboxOfAllAsync()).Count(delivery => delivery.State != DeliveryState.Received) == 2);
        });

        var result = Assert.Single(await receiver.Engine.Store.ReadResultsAsync(batch.Key, default).ToListAsync());
        Assert.Contains("first", Encoding.UTF8.GetString(result.Data.Span), StringComparison.Ordinal);
        var ignored = Assert.Single(await receiver.InboxAsync(batch), delivery => delivery.State == DeliveryState.Ignored);
        Assert.StartsWith("late", ignored.Reason, StringComparison.Ordinal);
        Assert.Equal(Signed.Answer("second"), Encoding.UTF8.GetString(ignored.Body.Span));
    }

    [Fact]
    public async Task Every_forged_delivery_is_refused_alike_and_changes_nothing()
    {
        var answers = new ConcurrentBag<int>();
        await using var receiver = await DeliveringAsync<VendorStep>(
            async (receiver, context) =>
            {
                var address = receiver.AddressOf(context);
                answers.Add(
                    await receiver.DeliverAsync(new(HttpMethod.Post, address) { Content = new StringContent(Signed.Answer("forged")) }));
                answers.Add(await receiver.DeliverAsync(Mutated(Signed.Request(address, Signed.Answer("forged")), "webhook-id")));
                answers.Add(await receiver.DeliverAsync(Mutated(Signed.Request(address, Signed.Answer("forged")), "webhook-signature")));
                answers.Add(
                    await receiver.DeliverAsync(
                        Signed.Request(address, Signed.Answer("forged"), at: TimeProvider.System.GetUtcNow().AddSeconds(-301))));
                answers.Add(
                    await receiver.DeliverAsync(
                        Signed.Request(address, Signed.Answer("forged"), at: TimeProvider.System.GetUtcNow().AddSeconds(600))));
                answers.Add(await receiver.DeliverAsync(Signed.Request(new(receiver.Address, "unknown"), Signed.Answer("forged"))));
                answers.Add(
                    await receiver.DeliverAsync(
                        Signed.Request(new(receiver.Address, Other(context.CallbackToken!, 5)), Signed.Answer("forged"))));
                answers.Add(
                    await receiver.DeliverAsync(
                        Signed.Request(new(receiver.Address, Other(context.CallbackToken!, 30)), Signed.Answer("forged"))));
                answers.Add(
                    await receiver.DeliverAsync(
                        Signed.Request(
                            new(receiver.Address, "steps/vendor.other"),
                            $$"""{"token":"{{context.CallbackToken}}","answer":"forged"}""")));
                answers.Add(await receiver.DeliverAsync(Signed.Request(new(receiver.Address, "steps/vendor.signed"), "no JSON")));
                Assert.Empty(await receiver.InboxOfAllAsync());
                answers.Add(await receiver.DeliverAsync(Signed.Request(address, Signed.Answer("genuine"))));
            },
            ["Globex"]);

        var batch = await receiver.RunAsync();

        Assert.Equal(default, Assert.Single(await receiver.StatesAsync(batch)).Error);
        await Wait.UntilAsync(async () => (await receiver.Engine.ListRefusalsAsync()).Sum(refusal => refusal.Times) == 10);
        Assert.Equal([.. Enumerable.Repeat(401, 10), 202], answers.OrderDescending());
        Assert.Equal(Status.Completed, Assert.Single(await receiver.StatesAsync(batch)).Status);
    }

    [Fact]
    public async Task An_address_of_the_step_finds_the_token_in_the_delivery()
    {
        await using var receiver = await DeliveringAsync<VendorStep>(
            async (receiver, context) =>
                Assert.Equal(
                    202,
                    await receiver.DeliverAsync(
                        Signed.Request(
                            new(receiver.Address, "steps/vendor.signed"),
                            $$"""{"token":"{{context.CallbackToken}}","answer":"found"}"""))),
            ["Globex"]);

        Assert.Equal(BatchStatus.Completed, (await receiver.RunAsync()).Status);
    }

    [Fact]
    public async Task A_vendor_that_signs_nothing_is_known_by_the_token_alone()
    {
        await using var receiver = await DeliveringAsync<UnsignedStep>(
            async (receiver, context) =>
                Assert.Equal(
                    202,
                    await receiver.DeliverAsync(
                        new(HttpMethod.Post, receiver.AddressOf(context)) { Content = new StringContent(Signed.Answer("unsigned")) })),
            ["Globex"]);

        Assert.Equal(BatchStatus.Completed, (await receiver.RunAsync()).Status);
    }

    [Fact]
    public async Task A_body_above_the_limit_is_refused_by_its_length_and_while_it_is_read()
    {
        await using var receiver = await DeliveringAsync<UnsignedStep>(
            async (receiver, context) =>
            {
                var large = Signed.Answer(new string('x', 4096));
                Assert.Equal(
                    413,
                    await receiver.DeliverAsync(new(HttpMethod.Post, receiver.AddressOf(context)) { Content = new StringContent(large) }));
                var chunked = new HttpRequestMessage(HttpMethod.Post, receiver.AddressOf(context))
                {
                    Content = new StringContent(large),
                    Headers = { TransferEncodingChunked = true },
                };
                Assert.Equal(413, await receiver.DeliverAsync(chunked));
                Assert.Equal(
                    202,
                    await receiver.DeliverAsync(
                        new(HttpMethod.Post, receiver.AddressOf(context)) { Content = new StringContent(Signed.Answer("small")) }));
            },
            ["Globex"]);

        Assert.Equal(BatchStatus.Completed, (await receiver.RunAsync()).Status);
    }

    [Fact]
    public async Task An_error_that_the_vendor_delivers_fails_the_item()
    {
        await using var receiver = await DeliveringAsync<VendorStep>(
            async (receiver, context) =>
                await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), """{"error":"no credits left"}""")),
            ["Globex"]);

        var state = Assert.Single(await receiver.StatesAsync(await receiver.RunAsync()));

        Assert.Equal((Status.Failed, "no credits left"), (state.Status, state.Error));
    }

    [Fact]
    public async Task A_delivery_that_the_step_cannot_read_stays_in_the_inbox_and_can_be_interpreted_again()
    {
        await using var receiver = await DeliveringAsync<VendorStep>(
            async (receiver, context) =>
            {
                Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), "<html>")));
                await Wait.UntilAsync(async () =>
                    (await receiver.InboxOfAllAsync()).Any(delivery => delivery.State == DeliveryState.Faulty));
                var batch = Assert.Single(await receiver.Client.ListBatchesAsync().ToListAsync());
                Assert.Equal(1, await receiver.Engine.Store.ReinterpretAsync(batch.Key, default));
                await Wait.UntilAsync(async () =>
                    (await receiver.InboxOfAllAsync()).Any(delivery => delivery.State == DeliveryState.Faulty));
                Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), Signed.Answer("mended"))));
            },
            ["Globex"]);

        var batch = await receiver.RunAsync();

        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Contains(await receiver.InboxAsync(batch), delivery => delivery is { State: DeliveryState.Faulty, Reason: not null });
    }

    [Fact]
    public async Task Silence_is_put_up_for_review()
    {
        await using var receiver = await DeliveringAsync<SilentStep>((_, _) => Task.CompletedTask, ["Globex"]);

        var state = Assert.Single(await receiver.StatesAsync(await receiver.RunAsync()));

        Assert.Equal((Status.Failed, ErrorClass.OutcomeUnknown, 1), (state.Status, state.ErrorClass, state.Attempt));
    }

    [Fact]
    public async Task Silence_of_a_vendor_that_is_safe_to_ask_again_is_broken_with_the_same_key()
    {
        var keys = new ConcurrentBag<string>();
        await using var receiver = await DeliveringAsync<SilentSafeStep>(
            async (receiver, context) =>
            {
                keys.Add(context.IdempotencyKey);
                if (context.Attempt == 2)
                {
                    await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), Signed.Answer("at last")));
                }
            },
            ["Globex"]);

        var state = Assert.Single(await receiver.StatesAsync(await receiver.RunAsync()));

        Assert.Equal((Status.Completed, 2), (state.Status, state.Attempt));
        Assert.Single(keys.Distinct());
    }

    [Fact]
    public async Task An_answer_to_an_earlier_attempt_completes_what_is_still_open()
    {
        StepContext? first = null;
        await using var receiver = await DeliveringAsync<SilentSafeStep>(
            async (receiver, context) =>
            {
                first ??= context;
                if (context.Attempt == 2)
                {
                    await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(first), Signed.Answer("late but paid for")));
                }
            },
            ["Globex"]);

        var batch = await receiver.RunAsync();

        Assert.Equal(Status.Completed, Assert.Single(await receiver.StatesAsync(batch)).Status);
        Assert.Equal(1, Assert.Single(await receiver.Engine.Store.ReadResultsAsync(batch.Key, default).ToListAsync()).Attempt);
    }

    [Fact]
    public async Task An_answer_after_the_batch_was_cancelled_is_kept_and_changes_nothing()
    {
        await using var receiver = await DeliveringAsync<VendorStep>((_, _) => Task.CompletedTask, ["Globex"]);
        StepContext? sent = null;
        receiver.Called = context => sent = context;

        var batch = await receiver.WorkAsync(async () =>
        {
            await Wait.UntilAsync(() => sent is not null);
            await receiver.Client.CancelAsync((await receiver.Client.ListBatchesAsync().SingleAsync()).Id);
            Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(sent!), Signed.Answer("too late"))));
            await Wait.UntilAsync(async () => (await receiver.InboxOfAllAsync()).Single().State == DeliveryState.Ignored);
        });

        Assert.Equal(Status.Cancelled, Assert.Single(await receiver.StatesAsync(batch)).Status);
        Assert.Empty(await receiver.Engine.ExamineAsync());
    }

    private static Task<Receiver> DeliveringAsync<TStep>(
        Func<Receiver, StepContext, Task> call,
        string[] companies,
        Action<Pipelines.PipelineBuilder>? further = null)
        where TStep : VendorStep =>
        StartAsync<TStep>(
            async (receiver, context) =>
            {
                await call(receiver, context);
                return StepOutcome.AwaitingCallback();
            },
            companies,
            further);

    private static async Task<Receiver> StartAsync<TStep>(
        Func<Receiver, StepContext, Task<StepOutcome>> call,
        string[] companies,
        Action<Pipelines.PipelineBuilder>? further = null)
        where TStep : VendorStep
    {
        Receiver? receiver = null;
        return receiver = await Receiver.StartAsync<TStep>(
            VendorStep.Script(context =>
            {
                receiver!.Called(context);
                return call(receiver, context);
            }),
            companies,
            further);
    }

    private static HttpRequestMessage Mutated(HttpRequestMessage request, string header)
    {
        var value = request.Headers.GetValues(header).Single();
        request.Headers.Remove(header);
        request.Headers.Add(header, Other(value, value.Length - 5));
        return request;
    }

    private static string Other(string text, int place) =>
        string.Concat(text.AsSpan(0, place), text[place] == 'A' ? "B" : "A", text.AsSpan(place + 1));
}
