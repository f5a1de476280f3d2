-- The states of a block of items of one bucket, QUEUED and the reason of waiting derived as in item_states, but by the store's clock.
-- Index: the primary key, once a stage. Called by ReadStatesAsync, block after block.
with derived as (
    select s.item, s.stage, s.generation,
           case when l.lo is not null then 1 else s.status end as status,
           s.attempt, s.tries,
           case when s.status = 2 then case s.waits when 3 then 'callback' else 'poll' end
                when s.status <> 0 then null
                when b.status = 2 then 'paused'
                when s.waits = 1 then 'retry'
                when s.waits = 2 then 'rate_limit'
                else 'due' end as reason,
           case when s.status in (0, 2) then coalesce(l.until, s.due_at) end as acts_at,
           s.error_class, s.error, s.updated_at
      from {schema}.workflow_states s
      join {schema}.batches b on b.batch = s.batch
      left join {schema}.leases l
        on l.bucket = s.bucket
       and l.batch = s.batch
       and l.stage = s.stage
       and s.item between l.lo and l.hi
       and l.until > @now
       and s.due_at <= @now
       and s.status = 0
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage in (select value from json_each(@stages))
       and s.item between @first and @last)
select d.item, d.stage, d.generation, d.status, d.attempt, d.tries, d.reason, d.acts_at, d.error_class, d.error, d.updated_at
  from derived d
 where @status is null
    or d.status = @status
 order by d.item, d.stage;
