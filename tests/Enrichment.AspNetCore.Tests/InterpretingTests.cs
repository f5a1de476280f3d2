namespace Enrichment.AspNetCore.Tests;

public sealed class InterpretingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_stage_whose_settings_cannot_be_had_keeps_no_other_from_its_answers()
    {
        var key = "there";
        var sent = new Dictionary<string, StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(new { script = Script("sound") }, ["Globex"], describe: e => e
            .AddStep<KeyedStep>()
            .AddPipeline("keyed", p => p.Step("vendor.keyed", s => s.Options(new { script = Script("keyed"), key = "secret:KEY" })))
            .UseSecrets(_ => key));
        var keyed = await receiver.Client.LaunchAsync(receiver.Upload.Id, new() { Pipeline = "keyed" });
        var sound = await receiver.Client.LaunchAsync(receiver.Upload.Id, new() { Pipeline = "vendor" });
        await receiver.Engine.TickAsync(Long);
        foreach (var name in (string[])["keyed", "sound"])
        {
            Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(sent[name]), Signed.Answer("one"))));
        }

        key = null;
        await receiver.Engine.TickAsync(Long);

        Assert.Equal(Status.Completed, Assert.Single(await receiver.StatesAsync(sound)).Status);
        Assert.Equal(Status.InProgress, Assert.Single(await receiver.StatesAsync(keyed)).Status);
        Assert.Equal(DeliveryState.Received, Assert.Single(await receiver.InboxAsync(keyed)).State);

        string Script(string name) => VendorStep.Register(context =>
        {
            sent[name] = context;
            return Task.FromResult(StepOutcome.AwaitingCallback());
        });
    }

    [Fact]
    public async Task A_receiving_half_that_does_not_end_is_left_behind_and_its_stage_left_alone()
    {
        var sent = new List<StepContext>();
        await using var receiver = await Receiver.StartAsync<StuckStep>(
            VendorStep.Script(context =>
            {
                lock (sent)
                {
                    sent.Add(context);
                }
            }),
            ["Globex", "Initech"]);
        var batch = await receiver.Client.LaunchAsync(receiver.Upload.Id, new() { Pipeline = "vendor" });
        await receiver.Engine.TickAsync(Long);
        foreach (var context in sent)
        {
            Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(context), Signed.Answer("one"))));
        }

        await receiver.Engine.TickAsync(Long);

        // One time-out is all that others wait for: the second delivery is not begun.
        Assert.Equal(
            [DeliveryState.Received, DeliveryState.Faulty],
            (await receiver.InboxAsync(batch)).Select(delivery => delivery.State).Order());
        Assert.All(await receiver.StatesAsync(batch), state => Assert.Equal(Status.InProgress, state.Status));
    }
}
