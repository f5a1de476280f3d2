-- Gives the next calls of a limit: time from next_at on, and slots among the calls in flight. A client that got more than the others in the window may reach
-- less far ahead. Calls that count until they are answered hold slots too; if they hold all slots, the next poll is the next date that may free one. While
-- the vendor counts as failing, one call is given and the limit is paused meanwhile; its answer may come at any time, so a waiting host requests again soon.
-- That call is over without an answer if no host has it any more and no worker has its task.
-- Runs behind lock_limit; of two that make the limit's row at once, one gets nothing. Also forgets blocks that no longer count. Index: the primary keys, external_tasks_trial.
-- Called by LeasePermitsAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
seen as (
    select clock.now, greatest(l.next_at, clock.now) as starts_at, coalesce(l.block, 0) as block, coalesce(l.failing, 0) as failing,
           coalesce(case when l.probe is null or p.until > clock.now or t.trial is not null then l.paused_until end, clock.now) as paused_until,
           case when l.probe is not null then interval '1 second' end as soon
      from clock
      left join {schema}.limits l on l.bucket = @bucket and l.name = @name
      left join {schema}.permit_blocks p on p.bucket = @bucket and p.name = @name and p.block = l.probe
      left join lateral (select w.trial
                           from {schema}.external_tasks w
                           join {schema}.stage_limits s on s.batch = w.batch and s.stage = w.stage and s.bucket = @bucket and s.name = @name
                          where w.bucket between 0 and 63
                            and w.trial = l.probe
                          limit 1) t on true),
given_away as (
    select coalesce(sum(b.slots) filter (where b.until > clock.now), 0) as slots,
           coalesce(sum(b.calls) filter (where b.ends_at > clock.now - @window), 0) as calls,
           coalesce(sum(b.calls) filter (where b.ends_at > clock.now - @window and b.client = @client), 0) as own,
           count(distinct b.client) filter (where b.ends_at > clock.now - @window and b.client <> @client) + 1 as clients
      from clock
      left join {schema}.permit_blocks b on b.bucket = @bucket and b.name = @name),
waiting as (
    select coalesce(sum(j.jobs), 0) as jobs, min(j.acts_at) as acts_at
      from {schema}.limit_jobs j
     where j.bucket = @bucket
       and j.name = @name
       and @concurrency > 0),
offer as (
    select s.now, s.starts_at, s.block + 1 as block, s.failing, s.paused_until, s.soon,
           least(case when s.failing > 0 then 1 else @calls end,
                 case when @concurrency > 0 then least((@concurrency + 1) / 2, @concurrency - g.slots - w.jobs) else @calls end)::int as calls,
           case when g.slots = 0 and w.jobs > 0 then least(greatest(w.acts_at - s.now, interval '1 second'), interval '15 seconds') else @lead end as retry_in,
           case when (g.own + @surplus) * g.clients > g.calls then @lead else @ahead end as ahead
      from seen s, given_away g, waiting w),
taken as (
    insert into {schema}.limits as l (bucket, name, next_at, block, concurrency, paused_until, probe)
    select @bucket, @name, o.starts_at + o.calls * @gap, o.block, @concurrency, case when o.failing > 0 then o.now + @lease end, case when o.failing > 0 then o.block end
      from offer o
     where o.calls > 0
       and o.paused_until <= o.now
       and o.starts_at <= o.now + o.ahead
    on conflict (bucket, name) do update
       set next_at = excluded.next_at, block = excluded.block, concurrency = excluded.concurrency, paused_until = excluded.paused_until, probe = excluded.probe
     where l.block = excluded.block - 1
    returning l.block),
given as (
    insert into {schema}.permit_blocks (bucket, name, block, client, owner, calls, slots, starts_at, ends_at, until)
    select @bucket, @name, o.block, @client, @owner, o.calls, case when @concurrency > 0 then o.calls else 0 end, o.starts_at, o.starts_at + o.calls * @gap, o.now + @lease
      from offer o, taken),
forgotten as (
    delete from {schema}.permit_blocks b
     using offer o, taken
     where b.bucket = @bucket
       and b.name = @name
       and b.ends_at <= o.now - @window
       and (b.returned_at is not null or b.until <= o.now))
select coalesce(t.block, 0) as block, o.calls, o.starts_at - o.now as starts_in,
       least(greatest(o.paused_until - o.now, o.starts_at - o.ahead - o.now, case when o.calls > 0 then interval '0' else o.retry_in end), o.soon) as wait,
       o.failing > 0 as is_trial
  from offer o
  left join taken t on true;
