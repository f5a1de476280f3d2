-- Writes outcomes of a lease: results, states, next stages, attempts and counters, and gives it back with the last of its items. Returns the items whose state changed.
-- Locks: those of commit, then the lease's and the range's row; then the limit's, if its stage has one: other hosts wait for it, so that who idles meanwhile is ended.
create or replace function {schema}.end_work(
    lease text, items int[], attempts int[], outcomes smallint[], results text[], reasons text[], faults smallint[], after interval, costs numeric[])
returns setof int language plpgsql set search_path = pg_catalog, pg_temp set jit = off as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _held constant {schema}.held_lease := {schema}.held_lease(lease);
    _bucket constant smallint := _held.bucket;
    _batch constant int := _held.batch;
    _stage constant smallint := _held.stage;
    _lo constant int := _held.lo;
    _hi constant int := _held.hi;
    _token constant bigint := _held.token;
    _owner constant text := _held.owner;
    _attemptsareopen constant boolean := true;
    _evenifdue constant boolean := true;
    _sources constant bigint[] := null;
    _requests boolean;
    _plan json;
    _last boolean;
    _items int[];
    _expected int[];
    _attempts int[];
    _generations smallint[];
    _statuses smallint[];
    _outcomes smallint[];
    _results json[];
    _tries smallint[];
    _waits smallint[];
    _delays bigint[];
    _classes smallint[];
    _errors text[];
    _costs numeric[];
    _advances boolean[];
    _given boolean;
    _asked bigint;
    _failures int;
    _answered boolean;
    _used_up boolean;
    _served boolean;
begin
    if _held.block > 0 then
        perform set_config('idle_in_transaction_session_timeout', '5s', true);
    end if;

    if cardinality(attempts) is distinct from cardinality(items) or cardinality(outcomes) is distinct from cardinality(items)
       or cardinality(results) <> cardinality(items) or cardinality(reasons) <> cardinality(items) or cardinality(faults) <> cardinality(items) or cardinality(costs) <> cardinality(items) then
        raise exception 'items, attempts and what is said of them: expected arrays of one length.' using errcode = 'invalid_parameter_value';
    end if;

    if (select count(distinct i.item) < count(*) from unnest(items) as i (item)) then
        raise exception 'items: one stands twice. Say of each what became of it once.' using errcode = 'invalid_parameter_value';
    end if;

    select b.snapshot -> 'stages' -> (_stage - 1), json_array_length(b.snapshot -> 'stages') = _stage, b.entity_requests
      into _plan, _last, _requests
      from {schema}.batches b
     where b.batch = _batch;
    -- A lease whose date has passed is no loss as long as nobody has taken it over.
    if exists (select 1
                 from {schema}.leases l
                where l.bucket = _bucket and l.batch = _batch and l.stage = _stage and l.lo = _lo and l.token = _token and l.until <= clock_timestamp()) then
        perform {schema}.renew_lease(_held, interval '10 seconds');
    end if;

    -- What is not open any more is written in vain, but for its attempt: an answer that came too late is kept there. One of another attempt than the open one is nobody's.
    with open as materialized (
        {sql:read_lost}),
    said as materialized (
        select o.item, o.attempt, case when o.outcome = {outcome.completed} and r.refusal is not null then {outcome.failed}::smallint else o.outcome end as outcome,
               coalesce(r.refusal, o.reason) as reason, case when r.refusal is null then o.fault else {class.invalid_output}::smallint end as fault,
               case o.outcome when {outcome.completed} then r.canonical when {outcome.not_found} then '{}' end as result, o.cost, f.generation, f.tries
          from unnest(items, attempts, outcomes, results, reasons, faults, costs) as o (item, attempt, outcome, result, reason, fault, cost)
          left join open f on f.item = o.item and f.open_attempt = o.attempt
         cross join lateral {schema}.accept_result(case o.outcome when {outcome.completed} then o.result else '{}' end) r
         where o.item between _lo and _hi
           and not exists (select 1 from open other where other.item = o.item and other.open_attempt <> o.attempt))
    select array_agg(s.item), array_agg(s.attempt - 1), array_agg(s.attempt), array_agg(coalesce(s.generation, 0::smallint)), array_agg(v.status),
           array_agg(case s.outcome when 0 then {outcome.skipped}::smallint else s.outcome end), array_agg(s.result::json), array_agg(v.tried), array_agg(v.waits), array_agg(v.delay_ms),
           array_agg(v.error_class), array_agg(v.error), array_agg(s.cost), array_agg(v.advances),
           max(v.delay_ms) filter (where s.outcome = {outcome.rate_limited} and v.error_class <> {class.out_of_credits} and s.generation is not null),
           count(*) filter (where s.outcome in ({outcome.retry}, {outcome.unknown}) and s.generation is not null),
           coalesce(bool_or(s.outcome in ({outcome.completed}, {outcome.not_found}, {outcome.failed}) or v.error_class = {class.out_of_credits}) filter (where s.generation is not null), false),
           coalesce(bool_or(v.error_class = {class.out_of_credits}) filter (where s.generation is not null), false),
           coalesce(bool_or(s.outcome in ({outcome.completed}, {outcome.not_found})) filter (where s.generation is not null), false)
      into _items, _expected, _attempts, _generations, _statuses, _outcomes, _results, _tries, _waits, _delays, _classes, _errors, _costs, _advances, _asked, _failures, _answered, _used_up, _served
      from said s
     cross join lateral {schema}.work_verdict(_plan, _last, coalesce(s.tries, 0::smallint), s.outcome, s.reason, s.fault, after, random()) v;

    return query
    {sql:commit};

    if not exists (select 1
                     from (
        {sql:read_lost}) l
                    where l.open_attempt is not null) then
        {sql:release}
        into _given;
        if _held.block > 0 then
            perform {schema}.return_calls(
                _held, 0,
                outcomes && array[{outcome.completed}, {outcome.not_found}, {outcome.failed}]::smallint[],
                outcomes && array[{outcome.retry}, {outcome.unknown}]::smallint[]);
        end if;
    end if;

    if _held.block > 0 then
        perform {schema}.note_calls(_held, _plan, _failures, _answered, _asked is not null, case when after > interval '0' then _asked * interval '1 millisecond' end);
    end if;

    if _used_up or _served and exists (select 1 from {schema}.limits l where l.bucket between 0 and 63 and l.used_up_at is not null and l.used_up_probe = 1) then
        perform {schema}.note_account(_held, _used_up);
    end if;
end
$$;

revoke execute on function {schema}.end_work(text, int[], int[], smallint[], text[], text[], smallint[], interval, numeric[]) from public;
