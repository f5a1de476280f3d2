-- Reports tasks as to be done later, each with the reason; why: retry, slowDown, outOfCredits or notCalled, which gives them back. Returns the tasks that were refused.
create or replace function {schema}.defer_tasks(tasks text[], reasons text[], why text default 'retry', after interval default null, costs numeric[] default null) returns setof text
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select {schema}.report_tasks('defer', tasks, costs, reasons => reasons, why => why, after => after) $$;

revoke execute on function {schema}.defer_tasks(text[], text[], text, interval, numeric[]) from public;
