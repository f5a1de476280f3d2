using System.Collections.Frozen;
using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>
/// What the doctor's SQL files find, in sentences for operators. A file returns columns; <c>{item}</c> in its sentence is the value of the
/// column <c>item</c>, and <c>{due_at:date}</c> is a date. Both stores say the same, because the sentences are here alone.
/// </summary>
internal static partial class DoctorSentences
{
    private const string Prefix = "doctor_";
    private const string ItemAtStage = "item {item} of batch {batch} is at stage {stage}";
    private const string ItsResult = "the result of attempt {attempt} of item {item} of batch {batch} at stage {stage}";
    private const string ItsLease = "the lease {lo}..{hi} of bucket {bucket}, batch {batch}, stage {stage}";

    /// <summary>The sentence of each check, by the name of its file without <c>doctor_</c>. The name begins with the invariant.</summary>
    public static FrozenDictionary<string, string> ByCheck { get; } = new Dictionary<string, string>
    {
        ["1_completion_event"] = "batch {batch} is completed, but has no event that says so",
        ["1_counters"] =
            "the range of bucket {bucket}, batch {batch}, stage {stage} counts {pending} pending, {in_progress} in progress, "
            + "{completed} completed, {failed} failed, {skipped} skipped, {cancelled} cancelled, {to_advance} to advance; "
            + "its states are {states_pending} pending, {states_in_progress} in progress, {states_completed} completed, "
            + "{states_failed} failed, {states_skipped} skipped, {states_cancelled} cancelled, {states_to_advance} to advance",
        ["1_ended_batch"] = "batch {batch} has ended, but {states} of its states are open",
        ["1_entity_twice"] = "the entity {entity} is requested {requests} times at once, last in batch {batch}",
        ["1_entity_wait"] = "item {item} of batch {batch} waits at stage {stage} for an entity, but no request will end the wait",
        ["1_entity_waiter"] = "item {item} of batch {batch} is a recorded waiter at stage {stage}, but its state waits for no entity",
        ["1_frontier"] = "item {item} of batch {batch} has {frontiers} frontiers and {states} states; its last stage is {last}",
        ["1_item_count"] = "batch {batch} is recorded with {recorded} items, but has {items}",
        ["1_item_without_row"] = "item {item} of batch {batch} is no accepted row of the batch's upload",
        ["1_out"] =
            "item {item} of batch {batch} is in progress at stage {stage} until {due_at:date}; "
            + "its range has the date {acts_at:date} and counts {in_progress} in progress",
        ["1_row_security"] =
            "Row-level security may hide rows of {tables} from the role {role}, so that the engine would find nothing to do. "
            + "Run alter table … disable row level security, connect as their owner, or create policy … using (true) for that role.",
        ["1_state_without_item"] = "a state at stage {stage} belongs to item {item}, which batch {batch} does not have",
        ["1_stuck"] =
            "item {item} of batch {batch} is due at stage {stage} at {due_at:date}; "
            + "its range has the date {range_due_at:date} and counts {pending} pending",
        ["2_overlap"] = $"{ItsLease} overlaps the lease {{other_lo}}..{{other_hi}}",
        ["2_token"] = $"{ItsLease} has the token {{token}}; the last token of its range is {{given}}",
        ["3_copied_answer"] =
            "the result of item {item} of batch {batch} at stage {stage} is a copy of an answer "
            + "that request {request} of batch {source} has not given",
        ["3_deleted_batch"] = "batch {batch} was pruned and deleted, but {rows_left} of its rows are left in {kept}",
        ["3_needed_upload"] = "the rows of upload {upload} were pruned, but batch {batch} still needs them",
        ["3_no_result"] = "item {item} of batch {batch} is completed at stage {stage} by attempt {attempt}, which has no result",
        ["3_pruned_event"] = "batch {batch} was pruned, but has no event that says so",
        ["3_pruned_open"] = "batch {batch} was pruned, but its counters say that items are open at stage {stage}",
        ["3_pruned_upload"] = "upload {upload} was pruned, but {rows_left} of its rows are left",
        ["3_unused_result"] = $"{ItsResult} belongs to no state",
        ["4_missing_stage"] = $"{ItemAtStage}, but has no state at stage {{earlier}}",
        ["4_not_advanced"] = $"{ItemAtStage}, but its state at stage {{earlier}} is not advanced",
        ["4_not_passed"] = $"{ItemAtStage}, but failed or was cancelled at stage {{earlier}}",
        ["6_no_open_attempt"] = "item {item} of batch {batch} is in progress at stage {stage} with attempt {attempt}, which is not open",
        ["6_no_task"] = "item {item} of batch {batch} waits at stage {stage} for a worker with attempt {attempt}, but has no external task",
        ["6_open_attempt"] =
            "attempt {attempt} of item {item} of batch {batch} at stage {stage} is open, "
            + "but no lease covers it and its item is not in progress with it",
        ["6_task_without_state"] =
            "item {item} of batch {batch} has an external task for attempt {attempt} at stage {stage}, but its state does not wait for it",
        ["6_unrecorded_attempt"] = $"{ItsResult} has effects outside, but the attempt is not recorded",
        ["8_tenants"] = "batch {batch} belongs to client {client}, but its upload to client {owner}",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The operations of a store that are checks, in order.</summary>
    public static IEnumerable<string> ChecksOf(SqlFiles sql) =>
        sql.Names.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal));

    /// <summary>What a row says that a check returned.</summary>
    /// <param name="operation">The check, as <see cref="ChecksOf"/> names it.</param>
    /// <param name="row">The row.</param>
    public static Finding Say(string operation, IDataRecord row)
    {
        var check = operation[Prefix.Length..];
        return new(
            int.Parse(check.AsSpan(0, check.IndexOf('_', StringComparison.Ordinal)), CultureInfo.InvariantCulture),
            check,
            Argument().Replace(
                ByCheck[check],
                argument => Word(row.GetValue(row.GetOrdinal(argument.Groups["column"].Value)), argument.Groups["date"].Success)));
    }

    // SQLite keeps dates as milliseconds since 1970.
    private static string Word(object value, bool isDate) => value switch
    {
        DBNull => "none",
        DateTime moment => moment.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        long moment when isDate => Word(DateTimeOffset.FromUnixTimeMilliseconds(moment).UtcDateTime, isDate),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    [GeneratedRegex(@"\{(?<column>\w+)(?<date>:date)?\}")]
    internal static partial Regex Argument();
}
