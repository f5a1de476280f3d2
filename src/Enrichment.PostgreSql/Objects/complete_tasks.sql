-- Reports tasks as done, each with its result, a JSON object; null: the vendor knows nothing of the item. Returns the tasks that were refused.
create or replace function {schema}.complete_tasks(tasks text[], results json[], costs numeric[] default null) returns setof text
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select {schema}.report_tasks('complete', tasks, costs, results => results) $$;

revoke execute on function {schema}.complete_tasks(text[], json[], numeric[]) from public;
