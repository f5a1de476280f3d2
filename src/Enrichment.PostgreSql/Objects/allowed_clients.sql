-- The clients whose tasks of a step the worker may have; null: none. Called in functions that run with their owner's rights.
create or replace function {schema}.allowed_clients(step text) returns text[] language sql stable as $$
select case when pg_has_role(c.caller, current_user, 'usage') then array['*']
            else (select array_agg(a.client)
                    from {schema}.worker_scopes s
                    join pg_roles r on r.rolname = s.role
                   cross join unnest(s.clients) as a (client)
                   where pg_has_role(c.caller, r.oid, 'usage')
                     and s.steps && array['*', step]) end
  from (select {schema}.worker_role() as caller) c
$$;
