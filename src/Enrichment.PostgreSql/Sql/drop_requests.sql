-- Withdraws requests without waiters: those that are pending under no lease, unless a waiter has come since they were found. A sent call is paid for and
-- continues. The waiters of withdrawn requests are still to be completed, so that an item between its request and its wait is sent back and requests again.
-- Runs behind lock_states and lock_range, so that no lease is taken and nothing
-- is requested meanwhile. Index: primary keys. Called by CancelAsync and CancelBucketAsync.
with dropped as (
    update {schema}.workflow_states s
       set status = {status.cancelled}, waits = null, error = 'Nobody waits for the answer any more.', updated_at = coalesce(@now, clock_timestamp())
      from unnest(@items::int[], @callers::int[]) as a (item, callers)
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item = a.item
       and s.status = {status.pending}
       and exists (select 1 from {schema}.entities e where e.bucket = @bucket and e.batch = @batch and e.item = a.item and e.callers = a.callers)
       and not exists (select 1 from {schema}.leases l where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and s.item between l.lo and l.hi)
    returning s.item),
here as (
    update {schema}.ranges r
       set pending = r.pending - n.count, cancelled = r.cancelled + n.count, to_advance = r.to_advance + n.count
      from (select count(*)::int as count from dropped) n
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and n.count > 0)
select count(*)::int
  from dropped;
