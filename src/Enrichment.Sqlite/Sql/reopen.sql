-- Reopens a batch of which an operator retries or resolves some items, and records it. It changes nothing of a pruned batch, or of one whose cancel has not
-- reached all of its items yet: in an open batch these would be worked on. Index: ranges_open. Called by RetryAsync and ResolveAsync, in the
-- transaction of their work on the buckets.
update {schema}.batches
   set status = case when status = {batch.paused} then {batch.paused} else {batch.running} end, version = version + 1, completed_at = null, started_at = coalesce(started_at, @now)
 where batch = @batch
   and pruned_at is null
   and not (status = {batch.cancelled}
            and exists (select 1
                          from {schema}.ranges r
                         where r.bucket between 0 and 63
                           and r.batch = @batch
                           and (r.pending > 0 or r.in_progress > 0)));

insert into {schema}.batch_events (batch, kind, detail, at)
select @batch, @kind, @detail, @now
 where changes() > 0;
