-- Leases due items of a step, of whatever client, and writes their attempts: a row for each, in the order of their items; none if nothing is due. Who is next is drawn by lot:
-- clients alike, a client's batches by priority. Commit before the work begins: until then the attempts are not on record, and the range is held.
-- Where a vendor states limits, each item says when its call may leave, in seconds from the arrival of the answer: not before the first, not after the second.
-- Locks: the range's row; those of claim; the limit's row; those of begin_attempts. Index: batches_open, ranges_open, primary keys, workflow_states_dated. Without compilation: of lists inside JSON
-- the planner expects a hundred elements each, and a second of compiling would be spent on milliseconds.
create or replace function {schema}.claim_work(step text, worker text, most int default 10, hold interval default interval '1 minute', only_version text default null)
returns table (
    lease text, batch uuid, stage smallint, version text, settings json, item int, attempt int, idempotency_key text, record json, call_after_seconds double precision, call_by_seconds double precision)
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _owner constant text := worker;
    _lease constant interval := hold;
    _limit int;
    _bytelimit constant bigint := 8388608;
    _evenifdue constant boolean := true;
    _next record;
    _bucket smallint;
    _batch int;
    _stage smallint;
    _upload int;
    _token bigint;
    _leasetoken bigint;
    _lo int;
    _hi int;
    _losses smallint;
    _alone smallint;
    _locked int;
    _given boolean;
    _tried boolean := false;
    _items int[];
    _attempts int[];
    _generations smallint[];
    _keys smallint[];
    _calls uuid[];
    _raws json[];
    _begun int[];
    _rests text[] := '{}';
    _block bigint;
    _calls_given int;
    _starts_in interval;
    _answered_at timestamptz;
    _first double precision;
    _clients constant text[] := {schema}.allowed_clients(step);
begin
    if most is null or most not between 1 and 1000 then
        raise exception 'most: expected 1 to 1000, got %.', most using errcode = 'invalid_parameter_value';
    elsif hold is null or hold not between interval '1 second' and interval '1 hour' then
        raise exception 'hold: expected 1 second to 1 hour, got %.', hold using errcode = 'invalid_parameter_value';
    elsif worker is null or length(worker) not between 1 and 200 or worker ~ '[\u0001-\u001f\u007f-\u009f]' then
        raise exception 'worker: expected a name of 1 to 200 characters, such as modal-7/1234.' using errcode = 'invalid_parameter_value';
    elsif current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise exception 'claim_work has to see what was written while it waited for a lock: call it in a transaction of the level read committed.' using errcode = 'active_sql_transaction';
    end if;

    if _clients is null then
        raise exception 'step: % is not among the steps that this role may work on.', step
            using errcode = 'insufficient_privilege', hint = 'Its owner says which are: insert into {schema}.worker_scopes (role, clients, steps) values (...).';
    end if;

    -- Who claims and forgets to commit holds the range's row, and with it every host that works there.
    perform set_config('idle_in_transaction_session_timeout', '5s', true);

    for _next in
        with opened as materialized (
            select b.batch, b.id, o.slug as client, b.priority, b.upload, b.snapshot
              from {schema}.batches b
              join {schema}.clients o on o.client = b.client
             where b.status in ({batch.pending}, {batch.running})
               and array['*', o.slug] && _clients),
        due as materialized (
            select r.bucket, r.batch, r.stage, r.token, r.leased_at
              from {schema}.ranges r
             where r.bucket between 0 and 63
               and r.batch in (select o.batch from opened o)
               and r.pending > 0
               and r.due_at <= (select clock_timestamp())),
        wanted as materialized (
            select d.batch, d.stage, o.id, o.client, o.priority, o.upload, p.plan, a.bucket as account_bucket, a.name as account_name, u.used_up_at is not null as used_up
              from (select distinct u.batch, u.stage from due u) d
              join opened o on o.batch = d.batch
             cross join lateral (select o.snapshot -> 'stages' -> (d.stage - 1) as plan) p
             cross join lateral {schema}.stage_account(p.plan, o.client) a
              left join {schema}.limits u on u.bucket = a.bucket and u.name = a.name and u.used_up_at is not null
             where p.plan -> 'manifest' ->> 'slug' = step
               and (only_version is null or p.plan -> 'manifest' ->> 'version' = only_version)
               and not coalesce((p.plan -> 'manifest' ->> 'receivesCallbacks')::boolean, false)
               and p.plan -> 'manifest' ->> 'pollInterval' is null
               and p.plan -> 'entity' is null -- Only hosts request entities; their requests are claimed like any item.
               and coalesce(u.used_up_until <= clock_timestamp(), true)), -- Else the account with the vendor is used up.
        limited as materialized (
            select w.batch, w.stage, l.bucket, l.name, l.gap, l.late, l.fitting, k.name is not null as bound,
                   v.reason is not null and coalesce(v.until, 'infinity') > clock_timestamp() + interval '250 milliseconds' as rests
              from wanted w
             cross join lateral {schema}.stage_limit(w.plan, w.client) l
              left join {schema}.limit_states v on v.bucket = l.bucket and v.name = l.name
              left join {schema}.stage_limits k on k.batch = w.batch and k.stage = w.stage
             where l.name is not null),
        clients as materialized (
            select c.client, random() as turn
              from (select distinct w.client from wanted w) c),
        turns as materialized (
            select b.batch, -ln(1 - random()) / b.priority as turn
              from (select distinct w.batch, w.priority from wanted w) b)
        select d.bucket, d.batch, d.stage, d.token, w.id, w.client, w.upload, w.plan, (w.plan -> 'when') is null as always, w.account_bucket, w.account_name, w.used_up,
               l.bucket as limit_bucket, l.name as limit_name, l.gap, l.late, l.fitting, l.bound, coalesce(l.rests, false) as rests
          from wanted w
          join due d on d.batch = w.batch and d.stage = w.stage
          left join limited l on l.batch = w.batch and l.stage = w.stage
          join clients c on c.client = w.client
          join turns t on t.batch = w.batch
         order by (w.plan -> 'when') is null desc, coalesce(l.rests, false), c.turn, t.turn, d.leased_at nulls first, d.bucket
         limit 32
    loop
        if not _next.always then
            exit when _tried;
            raise exception 'Items of step % wait at stage % of batch %, which has a condition: only hosts decide those. Claim them over HTTP.', step, _next.stage, _next.id
                using errcode = 'feature_not_supported';
        end if;

        _tried := true;
        if not _next.bound then
            perform {schema}.bind_stage(_next.batch, _next.stage, _next.limit_bucket, _next.limit_name);
        end if;

        continue when _next.rests or _next.account_name = any (_rests);
        _bucket := _next.bucket;
        _batch := _next.batch;
        _stage := _next.stage;
        _upload := _next.upload;
        _token := _next.token;
        _limit := least(most, _next.fitting, case when _next.used_up then 1 end);
        _block := 0;
        begin
            {sql:lock_range}
            into _locked;
            {sql:claim}
            into _lo, _hi, _leasetoken, _losses, _alone;
            if not found then
                raise exception using errcode = 'ENRAC', message = 'Another was faster.';
            end if;

            _token := _leasetoken;
            select array_agg(d.item order by d.item), array_agg(d.attempt + 1 order by d.item), array_agg(d.generation order by d.item), array_agg(d.key_generation order by d.item),
                   array_agg(d.raw order by d.item), array_agg(null::uuid)
              into _items, _attempts, _generations, _keys, _raws, _calls
              from (
                {sql:read_items}) d;
            -- The pause of a used-up account is over: one item is to tell whether more was bought.
            if _next.used_up and _items is not null and not {schema}.probe_account(_next.account_bucket, _next.account_name, hold) then
                _rests := _rests || _next.account_name;
                raise exception using errcode = 'ENRAC', message = 'Another finds out.';
            end if;

            if _next.limit_name is not null and _items is not null then
                -- For what was claimed, so that no call is left over. Where there are fewer calls, the last items wait in the interval.
                select l.block, l.calls, l.starts_in, l.answered_at
                  into _block, _calls_given, _starts_in, _answered_at
                  from {schema}.lease_calls(_next.plan, _next.client, worker, cardinality(_items), hold) l;
                if _block = 0 then
                    _rests := _rests || _next.account_name;
                    raise exception using errcode = 'ENRAC', message = 'The vendor allows nothing now.';
                end if;

                _items := _items[:_calls_given];
                _attempts := _attempts[:_calls_given];
                _generations := _generations[:_calls_given];
                _keys := _keys[:_calls_given];
                _raws := _raws[:_calls_given];
                _calls := _calls[:_calls_given];
            end if;
        exception
            when sqlstate 'ENRAC' then
                continue; -- Undone, so that the range's lock is let go: two that hold one and want the other's would wait for ever.
        end;

        with begun as (
            {sql:begin_attempts})
        select array_agg(b.item)
          into _begun
          from begun b;
        if _begun is null then
            {sql:release}
            into _given;
            if _block > 0 then
                perform {schema}.return_calls(row (_bucket, _batch, _stage, _lo, _hi, _token, _block, _owner)::{schema}.held_lease, _calls_given, false, false);
            end if;

            if _next.used_up and _items is not null then
                perform {schema}.return_probe(_next.account_bucket, _next.account_name);
            end if;

            return;
        end if;

        -- What has passed since the block was given moves all of it, so that no two calls leave together.
        _first := extract(epoch from greatest(_starts_in - (clock_timestamp() - _answered_at), interval '0'));

        return query
        with reads as materialized (
            select f.field, f.n
              from json_array_elements_text(_next.plan -> 'manifest' -> 'reads') with ordinality as f (field, n)),
        answers as materialized (
            select p.n::int as stage, f.field, f.path
              from {schema}.batches b
             cross join lateral json_array_elements(b.snapshot -> 'stages') with ordinality as p (plan, n)
             cross join lateral (select a.produced ->> 'field' as field, {schema}.path_of(a.produced ->> 'field', a.produced ->> 'path') as path
                                   from json_array_elements(p.plan -> 'manifest' -> 'produces') as a (produced)) f
             where b.batch = _batch
               and p.n < _stage
               and f.field in (select r.field from reads r)),
        cells as materialized (
            select r.field, h.n::int as n, h.position::int as position
              from {schema}.uploads u
             cross join reads r
             cross join lateral json_array_elements_text(u.header_map -> r.field) with ordinality as h (position, n)
             where u.upload = _upload)
        select {schema}.name_of(row (_bucket, _batch, _stage, _lo, _hi, _token, _block, _owner)::{schema}.held_lease), _next.id, _stage, _next.plan -> 'manifest' ->> 'version', _next.plan -> 'settings', i.item, i.attempt,
               encode(substr(sha256(uuid_send(_next.id) || int2send(_stage) || int4send(i.item) || int2send(i.key)), 1, 16), 'hex'),
               coalesce(o.fields, '{}'::json),
               case when _block > 0 then _first + (i.n - 1) * extract(epoch from _next.gap) end,
               case when _block > 0 then _first + (i.n - 1) * extract(epoch from _next.gap) + extract(epoch from _next.late) end
          from unnest(_items, _attempts, _keys, _raws) with ordinality as i (item, attempt, key, raw, n)
         cross join lateral (
            select json_object_agg(v.field, v.value order by v.n) as fields
              from (select r.field, r.n,
                           (select c.value
                              from (select 1 as source, -a.stage as rank, e.data #> a.path as value
                                      from answers a
                                     cross join lateral (select s.result_attempt
                                                           from {schema}.workflow_states s
                                                          where s.bucket = _bucket and s.batch = _batch and s.stage = a.stage and s.item = i.item and s.status = {status.completed}
                                                         offset 0) w
                                     cross join lateral (select x.data
                                                           from {schema}.enrichment_results x
                                                          where x.bucket = _bucket and x.batch = _batch and x.stage = a.stage and x.item = i.item and x.attempt = w.result_attempt and x.kind = {outcome.completed}
                                                         offset 0) e
                                     where a.field = r.field
                                    union all
                                    select 2, h.n, {schema}.cell_present(i.raw -> h.position)
                                      from cells h
                                     where h.field = r.field) c
                             where json_typeof(c.value) <> 'null'
                             order by c.source, c.rank
                             limit 1) as value
                      from reads r
                    offset 0) v
             where v.value is not null) o
         where i.item = any (_begun)
         order by i.item;
        return;
    end loop;

    -- A misspelt step would get nothing for ever.
    if not _tried and not exists (select 1 from {schema}.step_manifests m where m.slug = step and (only_version is null or m.version = only_version))
       and not exists (select 1
                         from {schema}.batches b
                        cross join lateral json_array_elements(b.snapshot -> 'stages') as p (plan)
                        where b.status in ({batch.pending}, {batch.running})
                          and p.plan -> 'manifest' ->> 'slug' = step
                          and (only_version is null or p.plan -> 'manifest' ->> 'version' = only_version)) then
        raise exception 'step: no host has shown a step %.', concat_ws(' ', step, only_version)
            using errcode = 'invalid_parameter_value',
                  hint = format('Known are: %s. A host that declares or runs the step has to have worked once.',
                                (select coalesce(string_agg(m.slug || ' ' || m.version, ', ' order by m.slug, m.version), 'none') from {schema}.step_manifests m));
    end if;
end
$$;

revoke execute on function {schema}.claim_work(text, text, int, interval, text) from public;
