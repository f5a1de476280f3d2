-- Notes that the waiters of requests are completed, unless a waiter has come since the buckets were read: that request is read again. Returns how many are noted. Runs behind
-- lock_range. Index: primary keys. Called by CompleteWaitersAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
marked as (
    update {schema}.workflow_states s
       set advanced_at = clock.now
      from clock, unnest(@items::int[], @callers::int[]) as a (item, callers)
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item = a.item
       and s.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled})
       and s.advanced_at is null
       and exists (select 1 from {schema}.entities e where e.bucket = @bucket and e.batch = @batch and e.item = a.item and e.callers = a.callers)
    returning s.item),
here as (
    update {schema}.ranges r
       set to_advance = r.to_advance - n.count
      from (select count(*)::int as count from marked) n
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and n.count > 0)
select count(*)::int
  from marked;
