-- Reopens a batch of which an operator begins some items anew or ends some by hand, and records it; changes nothing of one that is pruned. Called by RetryAsync and
-- EndByHandAsync, in the transaction of their work on the buckets.
with reopened as (
    update {schema}.batches
       set status = case when status = 2 then 2 else 1 end, version = version + 1, completed_at = null, started_at = coalesce(started_at, coalesce(@now, clock_timestamp()))
     where batch = @batch
       and pruned_at is null
    returning batch)
insert into {schema}.batch_events (batch, kind, detail, at)
select batch, @kind, @detail::json, coalesce(@now, clock_timestamp())
  from reopened;
