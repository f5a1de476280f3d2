using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>What happened to one item.</summary>
internal sealed class TimelineCommand : BatchCommand
{
    private readonly Argument<int> item = ItemArgument.Create("timeline");

    public TimelineCommand()
        : base(
            "timeline",
            "Lists everything that happened to one item, in order of time: attempts, results, states, retries, and what an operator decided, with the reasons.",
            "enrich timeline 17",
            "enrich timeline 17 019a8f5e-7c1b-7000-8000-000000000001 --json")
    {
        Arguments.Add(item);
        LimitOption.AddTo(this);
        LastUnlessGiven();
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var number = parsed.GetValue(item);
        var stages = (await session.Client.GetProgressAsync(batch, cancellationToken)).Stages;
        var timeline = number < 1 ? [] : await session.Client.GetTimelineAsync(batch, number, cancellationToken);
        if (timeline.Count == 0)
        {
            throw Items.NotThere(batch, [number]);
        }

        var list = new Listing(parsed, "timeline", "at", ">stage", "step", ">attempt", "what", "detail")
        {
            About = new { Batch = batch, Item = number },
            Nothing = "",
        };
        foreach (var entry in timeline)
        {
            var step = stages[entry.Stage - 1].Step;
            await list.AddAsync(
                new { entry.At, entry.Stage, Step = step, entry.Generation, entry.Attempt, entry.What, entry.Detail },
                $"{entry.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z", $"{entry.Stage}", step, $"{entry.Attempt}", entry.What, entry.Detail);
        }

        return await list.EndAsync();
    }
}
