-- Gives a worker tasks of a step, each once: a row for each. They are the worker's once its transaction has committed; one that idles in it is ended. Locks: the tasks.
create or replace function {schema}.fetch_tasks(step text, worker text, most int default 10, hold interval default '1 minute', only_version text default null)
returns table (task text, batch uuid, stage smallint, item int, attempt int, version text, settings json, idempotency_key text, record json,
               call_after_seconds double precision, call_by_seconds double precision)
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null; _limit int := most; _bucket smallint; _alone boolean := false;
    _step alias for step; _worker alias for worker; _version alias for only_version; _wanted alias for most; _hold alias for hold;
    _identity constant text := 'sql:' || {schema}.worker_role();
    _clients constant text[] := {schema}.allowed_clients(step);
begin
    if not coalesce(length(worker) between 1 and 200 and most between 1 and 1000 and hold between interval '1 second' and interval '1 hour', false) then
        raise exception 'Expected a worker of 1 to 200 characters, most from 1 to 1000, hold from 1 second to 1 hour.' using errcode = 'invalid_parameter_value';
    elsif _clients is null then
        raise exception 'step: % is not among the steps of your role. The rows of %.worker_scopes say which are.', step, '{schema}' using errcode = 'insufficient_privilege';
    elsif not exists (select 1 from {schema}.step_manifests m where m.slug = _step and m.version = coalesce(_version, m.version)) then
        raise exception 'step: no host has shown %. Start a host with a worker that declares it.', concat_ws(' ', step, only_version) using errcode = 'invalid_parameter_value';
    end if;

    perform set_config('idle_in_transaction_session_timeout', '5s', true);
    {sql:note_worker};
    for _bucket in
        {sql:find_buckets_of_tasks}
    loop
        for task, batch, stage, item, attempt, version, settings, idempotency_key, record, call_after_seconds, call_by_seconds, _alone in
            {sql:fetch_tasks}
        loop
            _limit := _limit - 1; return next;
        end loop;
        exit when _limit = 0 or _alone;
    end loop;
end
$$;

revoke execute on function {schema}.fetch_tasks(text, text, int, interval, text) from public;
