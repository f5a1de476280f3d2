-- The states of a block of items of one bucket, QUEUED and the reason of waiting derived as in item_states, but by the store's clock.
-- Index: the primary key, once a stage. Called by ReadStatesAsync, block after block.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
limited as materialized (
    select h.stage,
           case when h.used_up_until > clock.now then 'vendor_credits'
                when h.paused_until > clock.now and h.failing > 0 then 'breaker'
                when h.ahead > clock.now or (h.concurrency > 0 and h.slots + h.jobs >= h.concurrency) then 'rate_limit' end as reason,
           case when h.ahead > clock.now then h.ahead end as until
      from clock
     cross join (select k.stage, l.failing, l.concurrency, l.paused_until, l.used_up_until, greatest(l.paused_until, l.next_at, l.used_up_until) as ahead,
                        (select coalesce(sum(b.slots), 0) from {schema}.permit_blocks b, clock c where b.bucket = k.bucket and b.name = k.name and b.until > c.now) as slots,
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
                when l.lo is null and s.due_at <= clock.now and v.reason is not null then v.reason
                when s.waits = {waits.retry} then 'retry'
                when s.waits = {waits.rate_limit} then case s.error_class when {class.out_of_credits} then 'vendor_credits' else 'rate_limit' end
                when s.waits = {waits.capable_host} then 'capable_host'
                else 'due' end as reason,
           case when s.status in ({status.pending}, {status.in_progress}) then coalesce(l.until, case when s.status = {status.pending} then greatest(s.due_at, v.until) else s.due_at end) end as acts_at,
           s.error_class, s.error, s.updated_at
      from clock
     cross join unnest(@stages::smallint[]) as p (stage)
     cross join lateral (select w.*
                           from {schema}.workflow_states w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = p.stage and w.item between @first and @last
                         offset 0) s
      join {schema}.batches b on b.batch = @batch
      left join limited v on v.stage = s.stage
      left join {schema}.leases l
        on l.bucket = s.bucket
       and l.batch = s.batch
       and l.stage = s.stage
       and s.item between l.lo and l.hi
       and l.until > clock.now
       and s.due_at <= clock.now
       and s.status = {status.pending})
select d.item, d.stage, d.generation, d.status, d.attempt, d.tries, d.reason, d.acts_at, d.error_class, d.error, d.updated_at
  from derived d
 where @status::smallint is null
    or d.status = @status
 order by d.item, d.stage;
