-- Reports tasks as failed, each with the reason; class: permanent, configuration, invalidOutput or outcomeUnknown. Returns the tasks that were refused.
create or replace function {schema}.fail_tasks(tasks text[], reasons text[], class text default 'permanent', costs numeric[] default null)
returns setof text language sql security definer set search_path = pg_catalog, pg_temp as $$
select {schema}.report_tasks(tasks, array(select json_build_object('kind', 'fail', 'reason', r.reason, 'class', class, 'cost', costs[r.number])
                                            from unnest(reasons) with ordinality as r (reason, number) order by r.number))
$$;

revoke execute on function {schema}.fail_tasks(text[], text[], text, numeric[]) from public;
