-- Reports tasks as done, each with its result, a JSON object; null: the vendor knows nothing of the item. Returns the tasks that were refused.
create or replace function {schema}.complete_tasks(tasks text[], results json[], costs numeric[] default null)
returns setof text language sql security definer set search_path = pg_catalog, pg_temp as $$
select {schema}.report_tasks(tasks, array(select json_build_object('kind', 'complete', 'result', r.result, 'cost', costs[r.number])
                                            from unnest(results) with ordinality as r (result, number) order by r.number))
$$;

revoke execute on function {schema}.complete_tasks(text[], json[], numeric[]) from public;
