-- The limits of a batch's stages, and why they make calls wait, as in limit_states, but by the store's clock. Index: the primary keys. Called by
-- ReadLimitsAsync.
with held as (
    select k.stage, k.name, l.failing, l.concurrency, l.paused_until, l.used_up_until, max(coalesce(l.paused_until, 0), l.next_at, coalesce(l.used_up_until, 0)) as ahead,
           (select coalesce(sum(b.slots), 0) from {schema}.permit_blocks b where b.bucket = k.bucket and b.name = k.name and b.until > @now) as slots,
           (select coalesce(sum(j.jobs), 0) from {schema}.limit_jobs j where j.bucket = k.bucket and j.name = k.name and l.concurrency > 0) as jobs
      from {schema}.stage_limits k
      left join {schema}.limits l on l.bucket = k.bucket and l.name = k.name
     where k.batch = @batch)
select h.stage, h.name,
       case when h.used_up_until > @now then 'vendor_credits'
            when h.paused_until > @now and h.failing > 0 then 'breaker'
            when h.ahead > @now or (h.concurrency > 0 and h.slots + h.jobs >= h.concurrency) then 'rate_limit' end,
       case when h.ahead > @now then h.ahead end
  from held h
 order by h.stage;
