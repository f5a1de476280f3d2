-- Reports tasks as failed, each with the reason; class: permanent, configuration, invalidOutput or outcomeUnknown. Returns the tasks that were refused.
create or replace function {schema}.fail_tasks(tasks text[], reasons text[], class text default 'permanent', costs numeric[] default null) returns setof text
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select {schema}.report_tasks('fail', tasks, costs, reasons => reasons, class => class) $$;

revoke execute on function {schema}.fail_tasks(text[], text[], text, numeric[]) from public;
