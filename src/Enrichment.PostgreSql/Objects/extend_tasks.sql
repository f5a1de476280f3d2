-- Prolongs a worker's locks from now on. Returns the tasks that the worker does not have in its hands any more.
create or replace function {schema}.extend_tasks(tasks text[], hold interval default '1 minute')
returns setof text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _tasks constant text[] := tasks;
    _hold constant interval := hold;
    _identity constant text := 'sql:' || {schema}.worker_role();
    _number int;
    _kept int[] := '{}';
begin
    if not coalesce(hold between interval '1 second' and interval '1 hour', false) then
        raise exception 'hold: expected 1 second to 1 hour.' using errcode = 'invalid_parameter_value';
    end if;

    for _number in
        {sql:extend_tasks}
    loop
        _kept := _kept || _number;
    end loop;
    return query select t.task from unnest(tasks) with ordinality as t (task, number) where t.number <> all (_kept);
end
$$;

revoke execute on function {schema}.extend_tasks(text[], interval) from public;
