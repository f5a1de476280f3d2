-- Notes that a worker asks for tasks of a step, at most once a second. Waits for nobody: while another transaction writes the worker's row, it writes nothing.
-- Locks: the worker's name, then its row. Called by FetchTasksAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now)
insert into {schema}.external_workers as w (step, worker, identity, version, clients, wanted, seen_at)
select n.step, n.worker, n.identity, n.version, @clients::text[], @wanted, clock.now
  from clock
 cross join (select @step::text as step, @worker::text as worker, @identity::text as identity, coalesce(@version, '*') as version offset 0) n
 where not exists (select 1
                     from {schema}.external_workers s
                    where s.step = n.step and s.worker = n.worker and s.identity = n.identity and s.version = n.version
                      and s.clients = @clients::text[] and s.wanted = @wanted and s.seen_at > clock.now - interval '1 second')
   {part:worker_lock}
on conflict (step, worker, identity, version) do update
   set clients = excluded.clients, wanted = excluded.wanted, seen_at = excluded.seen_at;
