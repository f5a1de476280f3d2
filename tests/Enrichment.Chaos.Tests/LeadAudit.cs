using System.Globalization;
using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>
/// What must be so after any run of <see cref="LeadsEngine"/>: the store is sound, and what the vendor saw is what the store says, call by
/// call.
/// </summary>
public sealed class LeadAudit
{
    // A delivery's date is taken before its commit, on a busy machine long before: of one that came so shortly before the deadline, either
    // may have come first. What was acknowledged before the deadline needs no margin.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(LeadsEngine.DeadlineSeconds * 3 / 4);

    // Within which a deadline is seen to, though hosts and the store are away for a while and the machine is busy.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(10);

    private readonly LeadJourney journey;
    private readonly ChaosStore store;
    private readonly Vendor vendor;
    private readonly IReadOnlyDictionary<string, SentAttempt> attempts;

    private LeadAudit(LeadJourney journey, Vendor vendor, IReadOnlyDictionary<string, SentAttempt> attempts)
    {
        this.journey = journey;
        store = journey.Store;
        this.vendor = vendor;
        this.attempts = attempts;
    }

    /// <param name="journey">Ended.</param>
    /// <param name="vendor">Whom it called.</param>
    /// <param name="hostsDied">
    /// Whether hosts were killed, or their store: then an attempt may have been begun whose call never left.
    /// </param>
    public static async Task RunAsync(LeadJourney journey, Vendor vendor, bool hostsDied)
    {
        var audit = new LeadAudit(journey, vendor, await SentAttempt.ReadAsync(journey.Store));
        await audit.StoreAsync();
        audit.Calls(hostsDied);
        audit.Repetitions();
        await audit.DeliveriesAsync();
        await audit.ReviewAsync(hostsDied);
    }

    private async Task StoreAsync()
    {
        Assert.Empty(await journey.ExamineAsync());
        Assert.Equal(0, await store.NumberAsync("select count(*) from leases"));
        Assert.Equal(0, await store.NumberAsync("select count(*) from attempts where outcome is null"));
        Assert.Equal(0, await store.NumberAsync("select count(*) from workflow_states where status not in (3, 4)"));

        // Every item came to the end of the pipeline, or was put up for review at the paid vendor's.
        Assert.Empty(
            await store.QueryAsync(
                $"""
                select 'batch ' || batch || ', item ' || item || ' failed at stage ' || stage || ', class ' || error_class || ': ' || error from workflow_states
                 where status = 4 and not (stage = {LeadsEngine.PersonStage} and error_class = {(int)ErrorClass.OutcomeUnknown})
                """));
        Assert.Equal(
            journey.Items,
            await store.NumberAsync($"select count(*) from workflow_states where stage = {LeadsEngine.Stages} and status = 3 or status = 4"));
        Assert.Empty(
            await store.QueryAsync("select batch, item, stage from enrichment_results group by batch, item, stage having count(*) > 1"));

        // Nobody's answer came to another's item.
        Assert.Equal(0, await store.NumberAsync(
            $"""
            select count(*)
              from enrichment_results r
              join batches b using (batch)
             where r.stage = {LeadsEngine.CompanyStage} and r.data ->> 'company.size' is distinct from 'company of Company ' || b.launch_key || '-' || r.item
                or r.stage = {LeadsEngine.PersonStage} and r.data ->> 'person.role' is distinct from 'person of PERSON-' || b.launch_key || '-' || r.item || '@EXAMPLE.COM'
            """));
    }

    /// <summary>Every call has an attempt of its own that was begun before it.</summary>
    private void Calls(bool hostsDied)
    {
        foreach (var call in vendor.Calls)
        {
            Assert.True(attempts.TryGetValue(call.TokenHash, out var attempt), $"A call for {call.Subject} has no attempt.");
            Assert.Equal(attempt.Vendor, call.Vendor);
            Assert.True(
                attempt.Began < call.At,
                $"The attempt at {call.Subject} was begun at {attempt.Began:O}, after its call at {call.At:O}.");
        }

        Assert.Equal(vendor.Calls.Count, vendor.Calls.Select(call => call.TokenHash).Distinct().Count());
        if (!hostsDied)
        {
            Assert.Equal(attempts.Count, vendor.Calls.Count);
        }

        // One key is one item at one stage, and the other way round.
        var keys = vendor
            .Calls.Select(call => (call.Key, attempts[call.TokenHash].Stage, attempts[call.TokenHash].Row))
            .Distinct()
            .ToList();
        Assert.Equal(keys.Count, keys.Select(known => known.Key).Distinct().Count());
        Assert.Equal(keys.Count, keys.Select(known => (known.Stage, known.Row)).Distinct().Count());
    }

    /// <summary>
    /// Nobody is called again but after an answer that says that no work was done; or, where that is declared safe, after the deadline of
    /// the call before.
    /// </summary>
    private void Repetitions()
    {
        foreach (
            var (before, after) in vendor
                .Calls.GroupBy(call => call.Key)
                .SelectMany(calls => calls.OrderBy(call => call.At).Zip(calls.OrderBy(call => call.At).Skip(1))))
        {
            var (first, second) = (attempts[before.TokenHash], attempts[after.TokenHash]);
            Assert.True(first.Number < second.Number, $"{after.Subject} was called again under an earlier attempt.");
            Assert.True(
                before.WasTurnedDown || after.Vendor == "company" && second.Began >= first.Deadline,
                $"{after.Subject} was called again at {after.At:O} by attempt {second.Number}, though the call at {before.At:O} by attempt {first.Number} was accepted ({before.Behaviour.Act}) and waited for until {first.Deadline:O}.");
        }
    }

    /// <summary>What was acknowledged is in the inbox, was read, and came to nothing for a stated reason only.</summary>
    private async Task DeliveriesAsync()
    {
        var inbox = (await store.QueryAsync("select message, state, reason, times from inbox")).ToDictionary(row => (string)row[0]!);
        foreach (var id in vendor.Messages.GroupBy(message => message.Id))
        {
            Assert.True(
                id.Any(message => message.Acknowledged > 0),
                $"Nobody took the answer about {id.First().Call.Subject}, delivered {id.Sum(message => message.Missed)} times.");
            Assert.True(
                inbox.TryGetValue(id.Key, out var stored),
                $"The answer about {id.First().Call.Subject} was acknowledged, but is not in the inbox.");
            var state = (DeliveryState)Convert.ToInt32(stored[1], CultureInfo.InvariantCulture);
            Assert.True(
                state == DeliveryState.Applied
                    || state == DeliveryState.Ignored && stored[2] is string reason && reason.StartsWith("late", StringComparison.Ordinal),
                $"An answer about {id.First().Call.Subject} is {state}: {stored[2]}");
            Assert.True(Convert.ToInt32(stored[3], CultureInfo.InvariantCulture) >= id.Sum(message => message.Acknowledged));
        }

        Assert.Equal(vendor.Messages.Select(message => message.Id).Distinct().Count(), inbox.Count);
    }

    /// <summary>
    /// Put up for review are those that the paid vendor did not answer before their deadline; if nobody died, all of those, and on a
    /// machine that does nothing else no other.
    /// </summary>
    private async Task ReviewAsync(bool hostsDied)
    {
        var review = await ItemsAsync($"select batch, item from workflow_states where stage = {LeadsEngine.PersonStage} and status = 4");
        var inTime = vendor
            .Messages.Where(message =>
                message.Call.Vendor == "person" && message.AcknowledgedAt < attempts[message.Call.TokenHash].Deadline)
            .Select(message => attempts[message.Call.TokenHash].Row)
            .ToHashSet();
        inTime.UnionWith(await ItemsAsync(Answered($"i.received_at < a.deadline_at - {Margin.TotalSeconds} * interval '1 second'")));
        Assert.True(
            !review.Overlaps(inTime),
            $"Put up for review, though answered in time: {await StoriesAsync(review.Intersect(inTime))}");

        var soEnded = await ItemsAsync(
            Answered($"i.received_at <= s.updated_at and i.received_at < a.deadline_at + {Lateness.TotalSeconds} * interval '1 second'"));
        var completed = await ItemsAsync($"select batch, item from workflow_states where stage = {LeadsEngine.PersonStage} and status = 3");
        Assert.True(
            completed.IsSubsetOf(soEnded),
            $"Completed, though not answered before: {await StoriesAsync(completed.Except(soEnded))}");
        if (!hostsDied)
        {
            var silent = vendor
                .Calls.Where(call => call is { Vendor: "person", Behaviour.Act: VendorAct.Silence or VendorAct.AnswerLate })
                .Select(call => attempts[call.TokenHash].Row);
            Assert.Empty(silent.Except(review));

            // On a busy machine an answer that was meant to be in time may be late as well.
            Assert.True(
                !Size.IsSoak || review.IsSubsetOf(silent),
                $"Put up for review, though the vendor answered: {await StoriesAsync(review.Except(silent))}");
        }

        static string Answered(string condition) => string.Create(
            CultureInfo.InvariantCulture,
            $"""
            select distinct i.batch, i.item
              from inbox i
              join attempts a using (bucket, batch, stage, item, attempt)
              join workflow_states s using (bucket, batch, stage, item)
             where i.stage = {LeadsEngine.PersonStage} and {condition}
            """);
    }

    /// <summary>What the store says of some items at the paid vendor's, for a failure's message.</summary>
    private async Task<string> StoriesAsync(IEnumerable<(int Batch, int Item)> items) =>
        string.Join('\n', await Task.WhenAll(items.Select(item => StoryAsync(item.Batch, item.Item))));

    private async Task<string> StoryAsync(int batch, int item)
    {
        var here = $"batch = {batch} and item = {item} and stage = {LeadsEngine.PersonStage}";
        var story = await store.QueryAsync(
            $"""
            select concat_ws(' ', 'batch', batch, 'item', item, 'tries', tries, 'ended', updated_at, error)
              from workflow_states
             where {here}
            union all
            select concat_ws(' ', 'attempt', attempt, started_at, 'to', deadline_at, 'ended', ended_at, 'outcome', outcome, error)
              from attempts
             where {here}
            union all
            select concat_ws(' ', 'delivery to', attempt, received_at, 'state', state, 'times', times, reason)
              from inbox
             where {here}
            """);
        return string.Join('\n', story.Select(line => line[0]));
    }

    private async Task<HashSet<(int Batch, int Item)>> ItemsAsync(string sql) =>
        [
            .. (await store.QueryAsync(sql)).Select(row =>
                (Convert.ToInt32(row[0], CultureInfo.InvariantCulture), Convert.ToInt32(row[1], CultureInfo.InvariantCulture))),
        ];
}
