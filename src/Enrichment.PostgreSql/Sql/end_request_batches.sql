-- Ends a request batch without open items, so that it can be pruned once it is old; the next request reopens it. Runs behind lock_batch, which waits for
-- requests in progress (lock_requests). One that was reopened since it was found idle stays open. Index: ranges by key. Called by ReconcileRequestsAsync.
with done as (
    update {schema}.batches b
       set status = {batch.completed}, version = b.version + 1, completed_at = coalesce(@now, clock_timestamp())
     where b.batch = @batch
       and b.status in ({batch.pending}, {batch.running}, {batch.paused})
       and b.entity_requests
       and b.started_at < coalesce(@now, clock_timestamp()) - interval '1 hour'
       and not exists (select 1
                         from generate_series(0, 63) g
                         join {schema}.ranges r on r.bucket = g and r.batch = b.batch
                        where r.pending > 0 or r.in_progress > 0 or r.to_advance > 0 or r.leased_at > coalesce(@now, clock_timestamp()) - interval '1 hour')
    returning b.batch)
insert into {schema}.batch_events (batch, kind, at)
select d.batch, 'completed', coalesce(@now, clock_timestamp())
  from done d;
