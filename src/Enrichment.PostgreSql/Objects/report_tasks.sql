-- Stores what a worker says of its tasks: durable with the worker's own commit, applied by a host. Returns the tasks that the worker does not have
-- in its hands, which are counted among the refused deliveries. An unknown word is an error, and nothing is stored. A transaction
-- counts in a part that no other open one has: none waits for another, and no host for a worker. Locks: the tasks, the part. Called by the functions for the kinds of reports.
create or replace function {schema}.report_tasks(kind text, tasks text[], costs numeric[], results json[] default null, reasons text[] default null,
                                                 class text default null, why text default null, after interval default null) returns setof text
language plpgsql set search_path = pg_catalog, pg_temp set jit = off as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null; _tasks alias for tasks; _times int[]; _count int; _part smallint; _identity constant text := 'sql:' || {schema}.worker_role();
    _reasons constant text[] := array['an external task: its token is not one that this worker has in its hands'];
    _bodies constant bytea[] := array(
        select convert_to(json_build_object('kind', kind, 'result', r.result, 'reason', r.reason, 'class', class, 'why', why,
                                            'afterSeconds', extract(epoch from after), 'cost', r.cost)::text, 'UTF8')
          from unnest(results, reasons, costs) with ordinality as r (result, reason, cost, number) order by r.number);
    _fault constant text := case
        when cardinality(tasks) > 1000 then format('tasks: expected at most 1000, got %s.', cardinality(tasks))
        when coalesce(cardinality(results), cardinality(reasons), 0) <> coalesce(cardinality(tasks), 0) or cardinality(costs) <> cardinality(tasks)
            then format('Got %s tasks with %s results or reasons and %s costs: expected one for each task, in the order of the tasks, or no costs.',
                        coalesce(cardinality(tasks), 0), coalesce(cardinality(results), cardinality(reasons), 0), coalesce(cardinality(costs), 0))
        when class not in ('permanent', 'configuration', 'invalidOutput', 'outcomeUnknown')
            then format('class: expected permanent, configuration, invalidOutput or outcomeUnknown, got %s.', left(class, 50))
        when why not in ('retry', 'slowDown', 'outOfCredits', 'notCalled')
            then format('why: expected retry, slowDown, outOfCredits or notCalled, got %s.', left(why, 50))
        when after not between interval '0' and interval '7 days' then format('after: expected 0 to 7 days, got %s.', after)
        when 1e28 < any (costs) or -1e28 > any (costs) then 'costs: expected numbers from -1e28 to 1e28.'
        when 67108864 < any (array(select octet_length(b) from unnest(_bodies) b)) then 'A report has more than 64 MiB, which no host can store.'
        else (select format('results[%s]: expected a JSON object, or null where nothing was found; got %s.', r.number, json_typeof(r.result))
                from unnest(results) with ordinality as r (result, number) where json_typeof(r.result) not in ('object', 'null') order by r.number limit 1) end;
begin
    if _fault is not null then raise exception '%', _fault using errcode = 'invalid_parameter_value'; end if;
    perform set_config('idle_in_transaction_session_timeout', '5s', true);
    return query
        {sql:report_tasks};
    get diagnostics _count = row_count; if _count > 0 then _times := array[_count];
        _part := coalesce((select p from generate_series(1, 63) p where pg_try_advisory_xact_lock(hashtextextended('enrichment refusals', p)) limit 1), 64);
        {sql:note_refused};
    end if;
end $$;

revoke execute on function {schema}.report_tasks(text, text[], numeric[], json[], text[], text, text, interval) from public;
