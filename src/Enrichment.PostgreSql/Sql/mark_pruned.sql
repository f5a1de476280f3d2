-- Marks an ended batch as pruned and records it, unless something of it is still going on: a state open or not advanced, a host that holds a lease.
-- Locks: the batch, which a retry locks too. Index: ranges and leases by key. Called by MarkPrunedAsync.
with marked as (
    update {schema}.batches b
       set pruned_at = coalesce(@now, clock_timestamp()),
           launch_key = case when b.entity_requests then b.launch_key || '/' || b.batch else b.launch_key end -- the next request makes another batch
     where b.batch = @batch
       and b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
       and b.pruned_at is null
       and b.version = @version
       and not exists (select 1
                         from generate_series(0, 63) g
                         join {schema}.ranges r on r.bucket = g and r.batch = @batch
                        where r.pending > 0 or r.in_progress > 0 or r.to_advance > 0)
       and not exists (select 1
                         from generate_series(0, 63) g
                         join {schema}.leases l on l.bucket = g and l.batch = @batch
                        where l.owner is not null)
    returning b.batch)
insert into {schema}.batch_events (batch, kind, detail, at)
select m.batch, 'pruned', @detail::json, coalesce(@now, clock_timestamp())
  from marked m;
