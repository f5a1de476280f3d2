-- Notes that a worker asks for tasks of a step, at most once a second; forgets workers that were not seen for a day. Locks: the worker's row. Called by FetchTasksAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
gone as (
    delete from {schema}.external_workers w
     using clock
     where w.step = @step
       and w.seen_at < clock.now - interval '1 day')
insert into {schema}.external_workers as w (step, worker, identity, clients, wanted, seen_at)
select @step, @worker, @identity, @clients::text[], @wanted, clock.now
  from clock
 where not exists (select 1
                     from {schema}.external_workers s
                    where s.step = @step and s.worker = @worker and s.identity = @identity and s.clients = @clients::text[]
                      and s.wanted = @wanted and s.seen_at > clock.now - interval '1 second')
on conflict (step, worker, identity) do update
   set clients = excluded.clients, wanted = excluded.wanted, seen_at = excluded.seen_at;
