using System.CommandLine;
using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Cli.Commands;

/// <summary>Where each item of a batch stands, and why.</summary>
internal sealed class ItemsCommand : BatchCommand
{
    private const int LinesForPeople = 100;
    private readonly Option<string[]> statuses = StatusOption();
    private readonly Option<short?> stage = new("--stage") { Description = "Only items that stand at this stage, from 1.", HelpName = "N" };
    private readonly Option<string?> errorClass = ItemOptions.ErrorClassOption("Only items whose last error was of this class: what failed, and what is to be tried again.");
    private readonly Option<int[]> named = new("--item") { Description = "Only this item (its row's number); may be repeated.", HelpName = "N" };
    private readonly Option<int?> limit = new("--limit") { Description = $"List so many at most and count the others. Without it: {LinesForPeople}; with --json all.", HelpName = "N" };

    public ItemsCommand()
        : base(
            "items",
            "Lists the items of a batch in the order of the file, and where each stands: stage and step, status, what it waits for and until when, the last error. An item's number is its row's in the file.",
            "enrich items last --status failed",
            "enrich items last --status pending --status in_progress --stage 2",
            "enrich items last --error-class outcome_unknown --json")
    {
        limit.AcceptOnlyFrom(0, int.MaxValue);
        foreach (var option in (Option[])[statuses, stage, errorClass, named, limit])
        {
            Options.Add(option);
        }
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var progress = await session.Client.ProgressAsync(batch, cancellationToken);
        if (parsed.GetValue(stage) is { } number && (number < 1 || number > progress.Stages.Count))
        {
            throw new EnrichmentException($"Batch {batch} has no stage {number}: its pipeline '{progress.Batch.Pipeline}' has the stages 1 to {progress.Stages.Count}.");
        }

        var asJson = parsed.GetValue(CommonOptions.Json);
        var list = new ItemList(parsed.InvocationConfiguration.Output, batch, progress.Stages, asJson, parsed.GetValue(limit) ?? (asJson ? int.MaxValue : LinesForPeople));
        var asked = (parsed.GetValue(statuses) ?? []).Select(Statuses.StatusOf).ToHashSet();
        var states = session.Client.StatesAsync(batch, Shortcut(asked, progress.Stages), cancellationToken);
        await foreach (var state in StandingAsync(states).Where(Fits(parsed, asked)).WithCancellation(cancellationToken))
        {
            await list.AddAsync(state);
        }

        await list.EndAsync();
        return Answer.Written;
    }

    /// <summary>The one status that the store may look for: if a state that has it is always where its item stands, others need not be read.</summary>
    private static Status? Shortcut(HashSet<Status> asked, IReadOnlyList<StageProgress> stages) => asked.Count != 1 ? null : asked.Single() switch
    {
        Status.Completed or Status.Skipped => null,
        Status.Failed when stages.Any(stage => stage is { Optional: true, Last: false }) => null,
        var one => one,
    };

    // They come by item and then by stage: the last of an item is where it stands.
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

    private Func<ItemState, bool> Fits(ParseResult parsed, HashSet<Status> asked)
    {
        var (at, items, error) = (parsed.GetValue(stage), (parsed.GetValue(named) ?? []).ToHashSet(), parsed.GetValue(errorClass));
        return state => (asked.Count == 0 || asked.Contains(state.Status))
            && (at is null || at == state.Stage)
            && (items.Count == 0 || items.Contains(state.Item))
            && (error is null || error == Statuses.Word(state.ErrorClass));
    }

    private static Option<string[]> StatusOption()
    {
        var option = new Option<string[]>("--status") { Description = $"Only items of this status ({string.Join(", ", Enum.GetValues<Status>().Select(Statuses.Word))}); may be repeated. Without it: all.", HelpName = "STATUS" };
        return option.AcceptOnlyFromAmong([.. Enum.GetValues<Status>().Select(Statuses.Word)]);
    }
}
