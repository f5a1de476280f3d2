-- Reports that there was nothing to do for tasks, each with the reason. Returns the tasks that were refused.
create or replace function {schema}.skip_tasks(tasks text[], reasons text[], costs numeric[] default null) returns setof text
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select {schema}.report_tasks('skip', tasks, costs, reasons => reasons) $$;

revoke execute on function {schema}.skip_tasks(text[], text[], numeric[]) from public;
