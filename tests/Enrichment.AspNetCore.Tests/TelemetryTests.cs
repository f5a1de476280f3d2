using System.Diagnostics;
using System.Diagnostics.Metrics;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Enrichment.AspNetCore.Tests;

/// <summary>What a receiving host hears of its deliveries.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task A_delivery_is_counted_and_its_span_links_to_the_launch()
    {
        using var heard = new Measurements();
        using var spans = new Spans();
        Receiver? started = null;
        var script = VendorStep.Script(async context =>
        {
            Assert.Equal(202, await started!.DeliverAsync(Signed.Request(started.AddressOf(context), Signed.Answer(context.Name()))));
            return StepOutcome.AwaitingCallback();
        });
        await using var receiver = started = await Receiver.StartAsync<VendorStep>(
            script,
            ["Globex"],
            describe: e => e.Services.Replace(ServiceDescriptor.Singleton<IMeterFactory>(heard)));

        var batch = await receiver.RunAsync();
        Assert.NotEqual(202, await receiver.DeliverAsync(Signed.Request(new(receiver.Address, "made-up"), Signed.Answer("Globex"))));

        var launch = Assert.Single(spans.Of(batch.Id), span => span.OperationName == "launch vendor");
        var received = Assert.Single(spans.Of(batch.Id), span => span.OperationName == "receive vendor.signed");
        Assert.Equal((ActivityKind.Server, "stored"), (received.Kind, received.GetTagItem("outcome")));
        Assert.Equal(launch.SpanId, Assert.Single(received.Links).Context.SpanId);
        Assert.Equal(
            """
            outcome=refused: 1
            step=vendor.signed provider=vendor outcome=stored: 1
            """,
            heard.Sums("enrichment.callbacks.received"));
        Assert.Equal("step=vendor.signed provider=vendor outcome=completed: 1", heard.Sums("enrichment.items.settled"));
        Assert.Equal("step=vendor.signed provider=vendor outcome=completed: 1", heard.Sums("enrichment.attempts"));
        Assert.Equal(1, heard.Count("enrichment.answer.duration"));
    }
}
