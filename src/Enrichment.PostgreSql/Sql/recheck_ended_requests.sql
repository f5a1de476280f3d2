-- Of the requests with new waiters, those that have ended meanwhile are to be read again: the count of callers tells a host that is completing waiters now
-- that it has not seen all. Returns how many have ended. Runs behind lock_range. Index: primary keys. Called by AwaitEntitiesAsync and
-- ReconcileRequestsAsync.
with ended as materialized (
    select a.item, s.advanced
      from unnest(@items::int[]) as a (item)
     cross join lateral (select w.advanced_at is not null as advanced
                           from {schema}.workflow_states w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = a.item and w.status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled})
                         offset 0) s),
called as (
    update {schema}.entities e
       set callers = e.callers + 1
      from ended o
     where e.bucket = @bucket
       and e.batch = @batch
       and e.item = o.item),
again as (
    update {schema}.workflow_states s
       set advanced_at = null
      from ended o
     where o.advanced
       and s.bucket = @bucket
       and s.batch = @batch
       and s.stage = @stage
       and s.item = o.item
    returning s.item),
here as (
    update {schema}.ranges r
       set to_advance = r.to_advance + n.count
      from (select count(*)::int as count from again) n
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and n.count > 0)
select count(*)::int
  from ended;
