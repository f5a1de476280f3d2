using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>The state of each item of a batch, with the reason.</summary>
internal sealed class ItemsCommand : BatchCommand
{
    private readonly Option<string[]> statuses = StatusOption();
    private readonly StageOption stage = new("--stage", "Only items at this stage.");
    private readonly Option<string?> errorClass = ItemOptions.ErrorClassOption(
        "Only items whose last error was of this class, failed or to be tried again.");
    private readonly Option<int[]> named = new("--item")
    {
        Description = "Only this item (its row's number); may be repeated.",
        HelpName = "N",
    };

    public ItemsCommand()
        : base(
            "items",
            "Lists the items of a batch in the order of the file, each with its stage and step, its status, the reason and end of its wait, and its last error. An item's number is its row's in the file.",
            "enrich items last --status failed",
            "enrich items last --status pending --status in_progress --stage company.domain",
            "enrich items last --error-class outcome_unknown --json")
    {
        Options.Add(statuses);
        stage.AddTo(this);
        Options.Add(errorClass);
        Options.Add(named);
        LimitOption.AddTo(this);
        LastUnlessGiven();
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var stages = (await session.Client.GetProgressAsync(batch, cancellationToken)).Stages;
        var at = await stage.ReadAsync(parsed, session.Client, batch, cancellationToken);
        var list = new Listing(parsed, "items", ">item", ">stage", "step", "status", "waits for", "error")
        {
            About = new { Batch = batch },
            Nothing = $"No item of batch {batch} matches.",
        };
        var asked = (parsed.GetValue(statuses) ?? []).Select(Statuses.StatusOf).ToHashSet();
        var missing = (parsed.GetValue(named) ?? []).ToHashSet();
        var states = session.Client.ReadStatesAsync(batch, missing.Count > 0 ? null : Shortcut(asked, stages), cancellationToken);
        var fits = Fits(parsed, asked, at);
        await foreach (var state in StandingAsync(states).WithCancellation(cancellationToken))
        {
            missing.Remove(state.Item);
            if (fits(state))
            {
                await AddAsync(list, state, stages[state.Stage - 1].Step);
            }
        }

        return missing.Count == 0 ? await list.EndAsync() : throw Items.NotThere(batch, missing);
    }

    private static Task AddAsync(Listing list, ItemState state, string step)
    {
        var error = Statuses.Word(state.ErrorClass) is { } word ? $"{word}: {state.Error}" : state.Error;
        return list.AddAsync(
            new
            {
                state.Item,
                state.Stage,
                Step = step,
                Status = Statuses.Word(state.Status),
                state.Reason,
                state.ActsAt,
                ErrorClass = Statuses.Word(state.ErrorClass),
                state.Error,
                state.Attempt,
                state.Tries,
                state.UpdatedAt,
            },
            $"{state.Item}", $"{state.Stage}", step, Statuses.Word(state.Status), Waits(state), error);
    }

    // A paused batch has no date: an operator resumes it.
    private static string Waits(ItemState state) => state switch
    {
        { Status: Status.Queued } => $"a host, until {state.ActsAt:u}",
        { Reason: null } => "",
        { Reason: "paused" } or { ActsAt: null } => state.Reason,
        _ => $"{state.Reason}, {state.ActsAt:u}",
    };

    /// <summary>
    /// The one status that the store may filter by: if a state with it is always its item's current state, others need not be read.
    /// </summary>
    private static Status? Shortcut(HashSet<Status> asked, IReadOnlyList<StageProgress> stages) =>
        asked.Count != 1
            ? null
            : asked.Single() switch
            {
                Status.Completed or Status.Skipped => null,
                Status.Failed when stages.Any(stage => stage is { Optional: true, Last: false }) => null,
                var one => one,
            };

    // They are ordered by item and then by stage: the last of an item is its current state.
    private static async IAsyncEnumerable<ItemState> StandingAsync(IAsyncEnumerable<ItemState> states)
    {
        ItemState? last = null;
        await foreach (var state in states)
        {
            if (last is not null && last.Item != state.Item)
            {
                yield return last;
            }

            last = state;
        }

        if (last is not null)
        {
            yield return last;
        }
    }

    private Func<ItemState, bool> Fits(ParseResult parsed, HashSet<Status> asked, short? at)
    {
        var (items, error) = ((parsed.GetValue(named) ?? []).ToHashSet(), parsed.GetValue(errorClass));
        return state => (asked.Count == 0 || asked.Contains(state.Status))
            && (at is null || at == state.Stage)
            && (items.Count == 0 || items.Contains(state.Item))
            && (error is null || error == Statuses.Word(state.ErrorClass));
    }

    private static Option<string[]> StatusOption()
    {
        var option = new Option<string[]>("--status")
        {
            Description =
                $"Only items of this status ({string.Join(", ", Enum.GetValues<Status>().Select(Statuses.Word))}); may be repeated. Without it: all.",
            HelpName = "STATUS",
        };
        return option.AcceptOnlyWords([.. Enum.GetValues<Status>().Select(Statuses.Word)]);
    }
}
