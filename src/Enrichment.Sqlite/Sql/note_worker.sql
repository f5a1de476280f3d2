-- Notes that a worker asks for tasks of a step, at most once a second. Called by FetchTasksAsync.
insert into {schema}.external_workers (step, worker, identity, version, clients, wanted, seen_at)
select @step, @worker, @identity, coalesce(@version, '*'), @clients, @wanted, @now
 where not exists (select 1
                     from {schema}.external_workers s
                    where s.step = @step and s.worker = @worker and s.identity = @identity and s.version = coalesce(@version, '*')
                      and s.clients = @clients and s.wanted = @wanted and s.seen_at > @now - 1000)
on conflict (step, worker, identity, version) do update
   set clients = excluded.clients, wanted = excluded.wanted, seen_at = excluded.seen_at;
