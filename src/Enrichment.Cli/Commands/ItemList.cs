using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Cli.Commands;

/// <summary>Items on standard output, each written as it comes: a list may be longer than memory.</summary>
/// <param name="output">Where to.</param>
/// <param name="batch">Whose items.</param>
/// <param name="stages">The stages of its pipeline.</param>
/// <param name="asJson">As one JSON object, else a line each.</param>
/// <param name="atMost">How many; the others are counted.</param>
internal sealed class ItemList(TextWriter output, Guid batch, IReadOnlyList<StageProgress> stages, bool asJson, int atMost)
{
    private int listed;
    private int more;

    public async Task AddAsync(ItemState state)
    {
        if (listed == atMost)
        {
            more++;
            return;
        }

        await output.WriteLineAsync(asJson ? $"{(listed == 0 ? Beginning : ",")}{Answer.Json(Shown(state))}" : Line(state));
        listed++;
    }

    public Task EndAsync() => output.WriteLineAsync(
        asJson ? $"{(listed == 0 ? Beginning : "")}],\"more\":{more}}}"
        : more > 0 ? $"… and {more:n0} more{(listed == 0 ? "" : "; --limit says how many are listed")}."
        : $"{listed:n0} items of batch {batch}.");

    private string Beginning => $"{{\"batch\":\"{batch}\",\"items\":[";

    private object Shown(ItemState state) => new
    {
        state.Item,
        state.Stage,
        stages[state.Stage - 1].Step,
        Status = Statuses.Word(state.Status),
        state.Reason,
        state.ActsAt,
        ErrorClass = Statuses.Word(state.ErrorClass),
        state.Error,
        state.Attempt,
        state.Tries,
        state.UpdatedAt,
    };

    private string Line(ItemState state) =>
        $"item {state.Item}, stage {state.Stage} {stages[state.Stage - 1].Step}: {Statuses.Word(state.Status)}{Waits(state)}{(state.ErrorClass is { } error ? $", {Statuses.Word(error)}" : "")}{(state.Error is { } text ? $": {text}" : "")}";

    // A paused batch has no date: what holds it is lifted by somebody.
    private static string Waits(ItemState state) => state switch
    {
        { Status: Status.Queued } => $" (held by a host until {state.ActsAt:u})",
        { Reason: null } => "",
        { Reason: "paused" } or { ActsAt: null } => $" ({state.Reason})",
        _ => $" ({state.Reason}, {state.ActsAt:u})",
    };
}
