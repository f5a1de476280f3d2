-- Reopens a batch of which an operator retries or resolves some items, and records it. It changes nothing of a pruned batch, or of one whose cancel has not
-- reached all of its items yet: in an open batch these would be worked on. Runs behind lock_batch. Index: ranges_open. Called by RetryAsync and
-- ResolveAsync, in the transaction of their work on the buckets.
with reopened as (
    update {schema}.batches b
       set status = case when b.status = {batch.paused} then {batch.paused} else {batch.running} end, version = b.version + 1, completed_at = null,
           started_at = coalesce(b.started_at, coalesce(@now, clock_timestamp()))
     where b.batch = @batch
       and b.pruned_at is null
       and not (b.status = {batch.cancelled}
                and exists (select 1
                              from {schema}.ranges r
                             where r.bucket between 0 and 63
                               and r.batch = @batch
                               and (r.pending > 0 or r.in_progress > 0)))
    returning b.batch)
insert into {schema}.batch_events (batch, kind, detail, at)
select r.batch, @kind, @detail::json, coalesce(@now, clock_timestamp())
  from reopened r;
