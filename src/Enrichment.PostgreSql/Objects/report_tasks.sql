-- Stores what a worker says of its tasks: durable with the worker's own commit, applied by a host. Returns the tasks that the worker does not have in its hands, which are
-- counted among the refused deliveries. Locks: the tasks. Called by the functions below it.
create or replace function {schema}.report_tasks(tasks text[], bodies json[]) returns setof text language plpgsql set search_path = pg_catalog, pg_temp set jit = off as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _tasks constant text[] := tasks;
    _identity constant text := 'sql:' || {schema}.worker_role();
    _bodies constant bytea[] := array(select convert_to(b.body::text, 'UTF8') from unnest(bodies) with ordinality as b (body, number) order by b.number);
    _reasons constant text[] := array['an external task: its token is not one that this worker has in its hands'];
    _times int[];
    _number int;
    _taken int[] := '{}';
begin
    if cardinality(bodies) is distinct from cardinality(tasks) then
        raise exception 'Expected arrays of one length: the tasks, and what is said of each.' using errcode = 'invalid_parameter_value';
    end if;

    perform set_config('idle_in_transaction_session_timeout', '5s', true);
    for _number in
        {sql:report_tasks}
    loop
        _taken := _taken || _number;
    end loop;
    _times := array[cardinality(tasks) - cardinality(_taken)];
    if _times[1] > 0 then
        {sql:note_refused};
        return query select t.task from unnest(tasks) with ordinality as t (task, number) where t.number <> all (_taken);
    end if;
end
$$;

revoke execute on function {schema}.report_tasks(text[], json[]) from public;
