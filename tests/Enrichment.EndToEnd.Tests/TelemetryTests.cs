using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Enrichment.Consolidation;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What a host hears of its engine.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Counters_equal_what_the_store_counts()
    {
        using var heard = new Measurements();
        var calls = 0;
        await using var bench = await StartAsync(heard, context =>
        {
            Interlocked.Increment(ref calls);
            return context.Is("Busy") && context.Attempt == 1 ? StepOutcome.RateLimited("slow down", TimeSpan.FromMilliseconds(1))
                : context.Is("Broken") ? StepOutcome.Failed("a bad name")
                : context.Is("Closed") ? StepOutcome.Skipped("closed")
                : context.Named().WithCost(0.25m);
        });

        var batch = await bench.RunAsync();

        var counts = (await bench.Client.GetProgressAsync(batch.Id)).Stages[0].Counts;
        Assert.Equal(
            $"""
            step=test.scripted provider=test outcome=completed: {counts.Completed}
            step=test.scripted provider=test outcome=failed: {counts.Failed}
            step=test.scripted provider=test outcome=skipped: {counts.Skipped}
            """,
            heard.Sums("enrichment.items.settled"));
        Assert.Equal((2, 1, 1), (counts.Completed, counts.Failed, counts.Skipped));
        Assert.Equal(
            """
            step=test.scripted provider=test outcome=completed: 2
            step=test.scripted provider=test outcome=failed error.type=permanent: 1
            step=test.scripted provider=test outcome=rate_limited error.type=rate_limited: 1
            step=test.scripted provider=test outcome=skipped: 1
            """,
            heard.Sums("enrichment.attempts"));
        Assert.Equal(calls, heard.Count("enrichment.step.duration"));
        Assert.Equal("step=test.scripted provider=test: 0.5", heard.Sums("enrichment.cost"));
        Assert.Equal("step=test.scripted provider=test reason=vendor: 1", heard.Sums("enrichment.limit.refusals"));
        Assert.Equal("outcome=accepted: 4", heard.Sums("enrichment.rows.staged"));
        Assert.NotEqual(0, heard.Count("enrichment.claim.duration"));
        Assert.NotEqual(0, heard.Count("enrichment.commit.duration"));
        Assert.Equal(0, heard.Count("enrichment.leases.lost"));
    }

    [Fact]
    public async Task Rows_that_are_exported_are_counted()
    {
        using var heard = new Measurements();
        await using var bench = await StartAsync(heard, context => context.Named());
        await bench.RunAsync();
        using var file = new MemoryStream();

        var rows = (await bench.Client.Query("companies").ExportAsync(file)).Rows;

        Assert.Equal(4, rows);
        Assert.Equal(": 4", heard.Sums("enrichment.rows.exported"));
    }

    [Fact]
    public async Task Spans_lead_from_the_launch_to_each_call()
    {
        using var spans = new Spans();
        using var heard = new Measurements();
        var inside = new ConcurrentBag<ActivitySpanId?>();
        await using var bench = await StartAsync(heard, context =>
        {
            inside.Add(Activity.Current?.SpanId);
            return context.Is("Broken") ? StepOutcome.Failed("a bad name") : context.Named();
        });

        var batch = await bench.RunAsync();

        var all = spans.Of(batch.Id);
        var launch = Assert.Single(all, span => span.OperationName == "launch scripted");
        Assert.Equal(ActivityKind.Producer, launch.Kind);
        var intervals = all.Where(span => span.OperationName == "process test.scripted").ToList();
        Assert.NotEmpty(intervals);
        Assert.All(intervals, span =>
        {
            Assert.Equal(ActivityKind.Consumer, span.Kind);
            var link = Assert.Single(span.Links).Context;
            Assert.Equal((launch.TraceId, launch.SpanId), (link.TraceId, link.SpanId));
        });
        var calls = all.Where(span => span.OperationName == "call test.scripted").ToList();
        Assert.Equal(4, calls.Count);
        Assert.All(calls, span =>
        {
            Assert.Equal(ActivityKind.Client, span.Kind);
            Assert.Contains(intervals, interval => interval.TraceId == span.TraceId && interval.SpanId == span.ParentSpanId);
        });
        Assert.Equal(calls.Select(span => span.SpanId.ToString()).Order(), inside.Select(span => span?.ToString()).Order());
        var failed = Assert.Single(calls, span => span.Status == ActivityStatusCode.Error);
        Assert.Equal(("failed", "permanent"), (failed.GetTagItem("outcome"), failed.GetTagItem("error.type")));
        Assert.All(all, span => Assert.Null(span.GetTagItem("client")));
    }

    [Fact]
    public async Task The_span_of_a_claim_tells_the_phases_in_their_order()
    {
        using var spans = new Spans();
        using var heard = new Measurements();
        await using var bench = await StartAsync(heard, context => context.Named());

        var batch = await bench.RunAsync();

        var intervals = spans.Of(batch.Id).Where(span => span.OperationName == "process test.scripted").ToList();
        Assert.NotEmpty(intervals);
        Assert.All(
            intervals,
            span =>
                Assert.Equal(
                    [
                        "evaluate condition",
                        "coalesce entity requests",
                        "assign permits",
                        "hand out tasks",
                        "activate step",
                        "open attempts",
                        "invoke",
                        "classify outcome",
                        "write outcomes",
                    ],
                    span.Events.Select(phase => phase.Name).Distinct()));
        Assert.Equal(
            4,
            intervals.Sum(span =>
                span.Events.Where(phase => phase.Name == "invoke").Sum(phase => (int)phase.Tags.Single(tag => tag.Key == "items").Value!)));
    }

    [Fact]
    public async Task Spans_name_the_client_where_the_host_says_so()
    {
        using var spans = new Spans();
        using var heard = new Measurements();
        await using var bench = await StartAsync(heard, context => context.Named(), e => e.NameClientsInSpans());

        var batch = await bench.RunAsync();

        Assert.All(spans.Of(batch.Id), span => Assert.Equal("acme", span.GetTagItem("client")));
    }

    private static Task<Bench> StartAsync(
        Measurements heard,
        Func<StepContext, StepOutcome> behaviour,
        Action<EnrichmentBuilder>? more = null) =>
        Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(behaviour))),
            ["Acme", "Busy", "Broken", "Closed"],
            e =>
            {
                e.Services.AddSingleton<IMeterFactory>(heard);
                e.AddProjection(Projection.Define("companies", p => p.Text("name", s => s.Field("company.name"))));
                more?.Invoke(e);
            });
}
