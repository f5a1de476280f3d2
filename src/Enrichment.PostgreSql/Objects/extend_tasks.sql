-- Prolongs a worker's locks from now on. Returns the tasks that the worker does not have in its hands any more.
create or replace function {schema}.extend_tasks(tasks text[], hold interval default '1 minute') returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null; _tasks alias for tasks; _hold alias for hold; _identity constant text := 'sql:' || {schema}.worker_role();
begin
    if not coalesce(cardinality(tasks) <= 1000 and hold between interval '1 second' and interval '1 hour', false) then
        raise exception 'Expected at most 1000 tasks, hold from 1 second to 1 hour.' using errcode = 'invalid_parameter_value';
    end if;
    return query
        {sql:extend_tasks};
end
$$;

revoke execute on function {schema}.extend_tasks(text[], interval) from public;
