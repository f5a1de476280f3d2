-- The clients whose items of a step the caller may have; null: none. Called in functions that run with their owner's rights. SET ROLE counts: behind a pooler that is
-- how roles are told apart.
create or replace function {schema}.allowed_clients(step text) returns text[] language sql stable as $$
select case when pg_has_role(c.caller, current_user, 'usage') then array['*']
            else (select array_agg(a.client)
                    from {schema}.worker_scopes s
                    join pg_roles r on r.rolname = s.role
                   cross join unnest(s.clients) as a (client)
                   where pg_has_role(c.caller, r.oid, 'usage')
                     and s.steps && array['*', step]) end
  from (select case current_setting('role') when 'none' then session_user else current_setting('role')::name end as caller) c
$$;
