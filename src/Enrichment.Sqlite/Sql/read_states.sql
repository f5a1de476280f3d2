-- The states of a block of items of one bucket, QUEUED and the reason of waiting derived as in item_states, but by the store's clock.
-- Index: the primary key, once a stage. Called by ReadStatesAsync, block after block.
with limited as materialized (
    select h.stage,
           case when h.used_up_until > @now then 'vendor_credits'
                when h.paused_until > @now and h.failing > 0 then 'breaker'
                when h.ahead > @now or (h.concurrency > 0 and h.slots + h.jobs >= h.concurrency) then 'rate_limit' end as reason,
           case when h.ahead > @now then h.ahead end as until
      from (select k.stage, l.failing, l.concurrency, l.paused_until, l.used_up_until, max(coalesce(l.paused_until, 0), l.next_at, coalesce(l.used_up_until, 0)) as ahead,
                   (select coalesce(sum(b.slots), 0) from {schema}.permit_blocks b where b.bucket = k.bucket and b.name = k.name and b.until > @now) as slots,
                   (select coalesce(sum(j.jobs), 0) from {schema}.limit_jobs j where j.bucket = k.bucket and j.name = k.name and l.concurrency > 0) as jobs
              from {schema}.stage_limits k
              join {schema}.limits l on l.bucket = k.bucket and l.name = k.name
             where k.batch = @batch) h),
derived as (
    select s.item, s.stage, s.generation,
           case when l.lo is not null then {status.queued} else s.status end as status,
           s.attempt, s.tries,
           case when s.status = {status.in_progress} then case s.waits when {waits.callback} then 'callback' when {waits.poll} then 'poll' when {waits.worker} then 'worker' else 'entity' end
                when s.status <> {status.pending} then null
                when b.status = {status.in_progress} then 'paused'
                when l.lo is null and s.due_at <= @now and v.reason is not null then v.reason
                when s.waits = {waits.retry} then 'retry'
                when s.waits = {waits.rate_limit} then case s.error_class when {class.out_of_credits} then 'vendor_credits' else 'rate_limit' end
                when s.waits = {waits.capable_host} then 'capable_host'
                else 'due' end as reason,
           case when s.status in ({status.pending}, {status.in_progress}) then coalesce(l.until, case when s.status = {status.pending} then max(s.due_at, coalesce(v.until, 0)) else s.due_at end) end as acts_at,
           s.error_class, s.error, s.updated_at
      from {schema}.workflow_states s
      join {schema}.batches b on b.batch = s.batch
      left join limited v on v.stage = s.stage
      left join {schema}.leases l
        on l.bucket = s.bucket
       and l.batch = s.batch
       and l.stage = s.stage
       and s.item between l.lo and l.hi
       and l.until > @now
       and s.due_at <= @now
       and s.status = {status.pending}
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage in (select value from json_each(@stages))
       and s.item between @first and @last)
select d.item, d.stage, d.generation, d.status, d.attempt, d.tries, d.reason, d.acts_at, d.error_class, d.error, d.updated_at
  from derived d
 where @status is null
    or d.status = @status
 order by d.item, d.stage;
