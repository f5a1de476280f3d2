-- Gives the next calls of a limit: time from next_at on, and slots among the calls in flight. A client that was given more than the others in the window may reach
-- less far ahead. Calls that are out until they are answered hold slots too. Where they alone hold all, the next poll is the next moment that may free one.
-- While the vendor counts as failing, one call is given and the limit is paused meanwhile; as the answer may come any moment, a host that waits requests again
-- in a second. That call is over without an answer if no host has it any more and no worker has its task. Also forgets blocks that no longer count. Index: the primary keys, external_tasks_trial. Called by LeasePermitsAsync.
create temp table if not exists limit_offer (starts_at integer not null, block integer not null, failing integer not null, paused_until integer not null, soon integer, calls integer not null, retry_in integer not null, ahead integer not null, given integer);

delete from limit_offer;

insert into limit_offer (starts_at, block, failing, paused_until, soon, calls, retry_in, ahead)
with given_away as (
    select coalesce(sum(b.slots) filter (where b.until > @now), 0) as slots,
           coalesce(sum(b.calls) filter (where b.ends_at > @now - @window), 0) as calls,
           coalesce(sum(b.calls) filter (where b.ends_at > @now - @window and b.client = @client), 0) as own,
           count(distinct case when b.ends_at > @now - @window and b.client <> @client then b.client end) + 1 as clients
      from {schema}.permit_blocks b
     where b.bucket = @bucket
       and b.name = @name),
waiting as (
    select coalesce(sum(j.jobs), 0) as jobs, coalesce(min(j.acts_at), @now) as acts_at
      from {schema}.limit_jobs j
     where j.bucket = @bucket
       and j.name = @name
       and @concurrency > 0)
select max(coalesce(l.next_at, 0), @now), coalesce(l.block, 0) + 1, coalesce(l.failing, 0),
       coalesce(case when l.probe is null or p.until > @now
                       or exists (select 1
                                    from {schema}.external_tasks t
                                    join {schema}.stage_limits s on s.batch = t.batch and s.stage = t.stage and s.bucket = @bucket and s.name = @name
                                   where t.bucket between 0 and 63
                                     and t.trial = l.probe) then l.paused_until end, @now),
       case when l.probe is not null then 1000 end,
       min(case when l.failing > 0 then 1 else @calls end,
           case when @concurrency > 0 then min((@concurrency + 1) / 2, @concurrency - g.slots - w.jobs) else @calls end),
       case when g.slots = 0 and w.jobs > 0 then min(max(w.acts_at - @now, 1000), 15000) else @lead end,
       case when (g.own + @surplus) * g.clients > g.calls then @lead else @ahead end
  from given_away g
 cross join waiting w
  left join {schema}.limits l on l.bucket = @bucket and l.name = @name
  left join {schema}.permit_blocks p on p.bucket = @bucket and p.name = @name and p.block = l.probe;

update limit_offer
   set given = 1
 where calls > 0
   and paused_until <= @now
   and starts_at <= @now + ahead;

insert into {schema}.limits as l (bucket, name, next_at, block, concurrency, paused_until, probe)
select @bucket, @name, o.starts_at + cast(o.calls * @gap + 0.999 as integer), o.block, @concurrency, case when o.failing > 0 then @now + @lease end, case when o.failing > 0 then o.block end
  from limit_offer o
 where o.given = 1
on conflict (bucket, name) do update
   set next_at = excluded.next_at, block = excluded.block, concurrency = excluded.concurrency, paused_until = excluded.paused_until, probe = excluded.probe;

insert into {schema}.permit_blocks (bucket, name, block, client, owner, calls, slots, starts_at, ends_at, until)
select @bucket, @name, o.block, @client, @owner, o.calls, case when @concurrency > 0 then o.calls else 0 end, o.starts_at, o.starts_at + cast(o.calls * @gap + 0.999 as integer), @now + @lease
  from limit_offer o
 where o.given = 1;

delete from {schema}.permit_blocks
 where bucket = @bucket
   and name = @name
   and (select given from limit_offer) = 1
   and ends_at <= @now - @window
   and (returned_at is not null or until <= @now);

select case when o.given = 1 then o.block else 0 end, o.calls, o.starts_at - @now,
       min(max(o.paused_until - @now, o.starts_at - o.ahead - @now, case when o.calls > 0 then 0 else o.retry_in end), coalesce(o.soon, 9223372036854775807)),
       o.failing > 0
  from limit_offer o;
