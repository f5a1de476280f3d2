-- Notes that a worker asks for tasks of a step, at most once a second. Called by FetchTasksAsync.
insert into {schema}.external_workers (step, worker, identity, clients, wanted, seen_at)
select @step, @worker, @identity, @clients, @wanted, @now
 where not exists (select 1
                     from {schema}.external_workers s
                    where s.step = @step and s.worker = @worker and s.identity = @identity and s.clients = @clients
                      and s.wanted = @wanted and s.seen_at > @now - 1000)
on conflict (step, worker, identity) do update
   set clients = excluded.clients, wanted = excluded.wanted, seen_at = excluded.seen_at;
