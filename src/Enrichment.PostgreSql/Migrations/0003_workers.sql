-- Work in SQL, for external workers: claim_work, complete_work, skip_work, fail_work, defer_work, renew_work, release_work. A line that begins
-- with {sql:claim} begins with the statement of Sql/claim.sql, its parameters as variables: what hosts do and what workers do is the same text. What has no statement to
-- share, the outcome rules, the gate and the record, is held to the C# by tests. The seven run with the owner's rights and a fixed search path, and nobody may call them
-- unless it was granted.

-- Whose items a role may have, and of which steps; '*' stands for all. The owner of the functions may have everything; any other role what its own rows and those of
-- the roles that it is a member of allow together.
create table {schema}.worker_scopes (
    role text primary key,
    clients text[] not null,      -- slugs
    steps text[] not null         -- slugs
);

-- RFC 2104, for keys of at most 64 bytes: PostgreSQL has it in an extension only.
create function {schema}.hmac_sha256(message bytea, secret bytea) returns bytea language sql immutable parallel safe
return (select sha256(string_agg(set_byte('\x00', 0, b.byte # 92), '' order by b.n) || sha256(string_agg(set_byte('\x00', 0, b.byte # 54), '' order by b.n) || message))
          from (select g.n, case when g.n < length(secret) then get_byte(secret, g.n) else 0 end as byte from generate_series(0, 63) as g (n)) b);

-- The code by which a lease's name is known to be one that was given out; null if there is no such key.
create function {schema}.lease_code(key smallint, name text) returns text language sql stable parallel safe
return (select encode(substr({schema}.hmac_sha256(convert_to('lease' || name, 'UTF8'), k.secret), 1, 16), 'hex') from {schema}.token_keys k where k.key = $1);

-- The clients whose items of a step the caller may have; null: none. Called in functions that run with their owner's rights. SET ROLE counts: behind a pooler that is
-- how roles are told apart.
create function {schema}.allowed_clients(step text) returns text[] language sql stable as $$
select case when pg_has_role(c.caller, current_user, 'usage') then array['*']
            else (select array_agg(a.client)
                    from {schema}.worker_scopes s
                    join pg_roles r on r.rolname = s.role
                   cross join unnest(s.clients) as a (client)
                   where pg_has_role(c.caller, r.oid, 'usage')
                     and s.steps && array['*', step]) end
  from (select case current_setting('role') when 'none' then session_user else current_setting('role')::name end as caller) c
$$;

-- A lease's name, as LeaseHandle in the core writes it.
create type {schema}.held_lease as (bucket smallint, batch int, stage smallint, lo int, hi int, token bigint, block bigint, owner text);

create function {schema}.name_of(held {schema}.held_lease) returns text language sql stable
return (select concat_ws('.', k.key, {schema}.lease_code(k.key, n.name), n.name)
          from (select coalesce(max(t.key) filter (where t.created_at <= clock_timestamp() - interval '2 minutes'), min(t.key)) as key from {schema}.token_keys t) k,
               (select concat_ws('.', held.bucket, held.batch, held.stage, held.lo, held.hi, held.token, held.block, held.owner) as name) n);

-- The lease of that name, if it was given out and is of a step and client of the caller's; of one that is not, no difference is told. Hashes are compared: how long that
-- takes tells nothing of the code.
create function {schema}.held_lease(name text) returns {schema}.held_lease language plpgsql stable as $$
declare
    signed constant text[] := regexp_match(name, '^([0-9]{1,3})[.]([0-9a-f]{32})[.](.*)$');
    part constant text[] := regexp_match(signed[3], '^([0-9]{1,2})[.]([0-9]{1,10})[.]([0-9]{1,5})[.]([0-9]{1,10})[.]([0-9]{1,10})[.]([0-9]{1,18})[.]([0-9]{1,18})[.](.*)$');
    held {schema}.held_lease;
begin
    if part is not null and sha256(signed[2]::bytea) = sha256({schema}.lease_code(signed[1]::smallint, signed[3])::bytea) then
        held := row (part[1], part[2], part[3], part[4], part[5], part[6], part[7], part[8])::{schema}.held_lease;
        if exists (select 1
                     from {schema}.batches b
                     join {schema}.clients o on o.client = b.client
                    where b.batch = held.batch
                      and array['*', o.slug] && {schema}.allowed_clients(b.snapshot -> 'stages' -> (held.stage - 1) -> 'manifest' ->> 'slug')) then
            return held;
        end if;
    end if;

    raise exception 'lease: expected the text that claim_work returned, as it was.' using errcode = 'invalid_parameter_value';
end
$$;

-- A TimeSpan as JSON has it: 00:00:01.5000000, 1.00:00:00.
create function {schema}.seconds_of(span text) returns double precision language sql stable parallel safe
return extract(epoch from regexp_replace(span, '^([0-9]+)[.](?=[0-9]{2}:)', '\1 days ')::interval);

-- Where a produced field stands in its step's result: at its JSON pointer, else in the property of its full name.
create function {schema}.path_of(field text, pointer text) returns text[] language sql immutable parallel safe
return case when pointer is null then array[field]
            else (select array_agg(replace(replace(p.segment, '~1', '/'), '~0', '~') order by p.n)
                    from string_to_table(substr(pointer, 2), '/') with ordinality as p (segment, n)) end;

-- The one canonical form of a JSON value, as JsonGate in the core writes it. Raises what that refuses: with SQLSTATE ENJSN and the reason, a NUL as 22P05, half of a
-- surrogate pair as 22P02.
create function {schema}.canonical_json(value json, depth int default 0) returns text language plpgsql immutable parallel safe as $$
declare
    kind text := json_typeof(value);
    written text;
    names bigint;
    different bigint;
    number text[];
    digits text;
    power numeric;
begin
    if kind in ('object', 'array') and depth >= 64 then
        raise exception using errcode = 'ENJSN', message = 'The JSON is nested deeper than 64 levels.';
    end if;

    case kind
    when 'object' then
        select '{' || coalesce(string_agg(to_json(e.name)::text || ':' || {schema}.canonical_json(e.element, depth + 1), ',' order by e.n), '') || '}',
               count(*), count(distinct e.name collate "C")
          into written, names, different
          from json_each(value) with ordinality as e (name, element, n);
        if different < names then
            raise exception using errcode = 'ENJSN', message = 'A property occurs twice in one object.';
        end if;
    when 'array' then
        select '[' || coalesce(string_agg({schema}.canonical_json(e.element, depth + 1), ',' order by e.n), '') || ']'
          into written
          from json_array_elements(value) with ordinality as e (element, n);
    when 'string' then
        written := to_json(value #>> '{}')::text;
    when 'number' then
        number := regexp_match(value::text, '([0-9]+)(?:[.]([0-9]+))?(?:[eE]([+-]?[0-9]+))?');
        digits := number[1] || coalesce(number[2], '');
        -- An exponent of very many digits is beyond what even numeric holds, leading zeros aside.
        power := case when length(ltrim(number[3], '+-0')) > 4 then 9999 else coalesce(number[3], '0')::numeric end;
        if abs(power) > 350 or length(digits) > 699 or length(btrim(digits, '0')) > 40
           or length(number[1]) + power > 309 or length(digits) - length(number[1]) - power > 390 then
            raise exception using errcode = 'ENJSN', message = 'A number has more than 40 digits or lies beyond the range of a double.';
        end if;
        written := value::text::numeric::text;
    else
        written := value #>> '{}';
        written := coalesce(written, 'null');
    end case;

    return written;
end
$$;

-- A worker's result as it may be stored, or why not.
create function {schema}.accept_result(result text, out canonical text, out refusal text) language plpgsql immutable as $$
declare
    parsed json;
begin
    if octet_length(result) > 1048576 then
        refusal := 'The step''s result may not be stored: The JSON is larger than the limit of 1048576 bytes.';
        return;
    end if;

    begin
        parsed := result::json;
    exception
        when invalid_text_representation then
            refusal := 'The step''s result may not be stored: It is not valid JSON.';
            return;
        when statement_too_complex then
            refusal := 'The step''s result may not be stored: The JSON is nested deeper than 64 levels.';
            return;
    end;

    begin
        canonical := {schema}.canonical_json(parsed);
    exception
        when sqlstate 'ENJSN' then
            refusal := 'The step''s result may not be stored: ' || sqlerrm;
        when untranslatable_character then
            refusal := 'The step''s result may not be stored: The text holds a NUL character (U+0000), which a database text cannot store.';
        when invalid_text_representation then
            refusal := 'The step''s result may not be stored: The text holds half of a surrogate pair, which is no character.';
    end;

    if octet_length(canonical) > 1048576 then
        refusal := 'The step''s result may not be stored: The JSON is larger than the limit of 1048576 bytes.';
    elsif json_typeof(parsed) <> 'object' then
        refusal := coalesce(refusal, 'The step''s result is no JSON object, so that no field can be found in it.');
    end if;

    if refusal is not null then
        canonical := null;
    end if;
end
$$;

-- What becomes of a state, as OutcomeRules in the core says it of a step that answers at once. Outcomes are StepOutcomeKind's; 0: given back, not called for.
create function {schema}.work_verdict(
    plan json, last boolean, tries smallint, outcome smallint, reason text, fault smallint, after interval, random double precision,
    out status smallint, out tried smallint, out waits smallint, out delay_ms bigint, out error_class smallint, out error text, out advances boolean)
language plpgsql stable parallel safe as $$
declare
    base double precision := {schema}.seconds_of(plan -> 'retry' ->> 'baseDelay');
    most double precision := {schema}.seconds_of(plan -> 'retry' ->> 'maxDelay');
    safe boolean := coalesce(plan -> 'manifest' ->> 'effects', 'Review') <> 'Review';
    retried boolean := outcome = 4 or outcome = 7 and safe;
begin
    error := left(regexp_replace(reason, '[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]', ' ', 'g'), 1000);
    error_class := case outcome when 4 then 1 when 5 then coalesce(fault, 2) when 6 then coalesce(fault, 3) when 7 then 6 end;
    tried := case when outcome in (0, 3, 5) then tries else tries + 1 end;
    delay_ms := 0;
    if outcome = 0 then
        status := 0;
    elsif outcome in (1, 2) then
        status := 3;
        error := null;
    elsif outcome = 3 then
        status := 5;
    elsif outcome = 5 or retried and tried < (plan -> 'retry' ->> 'maxTries')::int then
        status := 0;
        waits := case outcome when 5 then 2 else 1 end;
        delay_ms := trunc(1000 * case when outcome = 5 and fault = 8 then case when plan -> 'manifest' ->> 'effects' = 'Pure' then 900 else 0 end
                                      when after > interval '0' and outcome <> 7 then least(extract(epoch from after)::double precision, 3600) + base * random
                                      else least(base * 2 ^ least(tries, 40), most) * (0.5 + random / 2) end);
    else
        status := 4;
        error := case when retried then left(format('Given up after %s tries: %s', tried, error), 1000) else error end;
    end if;

    advances := not last and (status in (3, 5) or status = 4 and coalesce((plan ->> 'optional')::boolean, false));
end
$$;

-- Writes outcomes of a lease: results, states, next stages, attempts and counters, and gives it back with the last of its items. Returns the items whose state changed.
-- Locks: those of commit, then the lease's and the range's row; then the limit's, if its stage has one: other hosts wait for it, so that who idles meanwhile is ended.
create function {schema}.end_work(
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
        select o.item, o.attempt, case when o.outcome = 1 and r.refusal is not null then 6::smallint else o.outcome end as outcome,
               coalesce(r.refusal, o.reason) as reason, case when r.refusal is null then o.fault else 4::smallint end as fault,
               case o.outcome when 1 then r.canonical when 2 then '{}' end as result, o.cost, f.generation, f.tries
          from unnest(items, attempts, outcomes, results, reasons, faults, costs) as o (item, attempt, outcome, result, reason, fault, cost)
          left join open f on f.item = o.item and f.open_attempt = o.attempt
         cross join lateral {schema}.accept_result(case o.outcome when 1 then o.result else '{}' end) r
         where o.item between _lo and _hi
           and not exists (select 1 from open other where other.item = o.item and other.open_attempt <> o.attempt))
    select array_agg(s.item), array_agg(s.attempt - 1), array_agg(s.attempt), array_agg(coalesce(s.generation, 0::smallint)), array_agg(v.status),
           array_agg(case s.outcome when 0 then 3::smallint else s.outcome end), array_agg(s.result::json), array_agg(v.tried), array_agg(v.waits), array_agg(v.delay_ms),
           array_agg(v.error_class), array_agg(v.error), array_agg(s.cost), array_agg(v.advances),
           max(v.delay_ms) filter (where s.outcome = 5 and v.error_class <> 8 and s.generation is not null), count(*) filter (where s.outcome in (4, 7) and s.generation is not null),
           coalesce(bool_or(s.outcome in (1, 2, 6) or v.error_class = 8) filter (where s.generation is not null), false),
           coalesce(bool_or(v.error_class = 8) filter (where s.generation is not null), false), coalesce(bool_or(s.outcome in (1, 2)) filter (where s.generation is not null), false)
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
            perform {schema}.return_calls(_held, 0, outcomes && '{1,2,6}', outcomes && '{4,7}');
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

-- Leases due items of a step, of whatever client, and writes their attempts: a row for each, in the order of their items; none if nothing is due. Who is next is drawn by lot:
-- clients alike, a client's batches by priority. Commit before the work begins: until then the attempts are not on record, and the range is held.
-- Where a vendor states limits, each item says when its call may leave, in seconds from the arrival of the answer: not before the first, not after the second.
-- Locks: the range's row; those of claim; the limit's row; those of begin_attempts. Index: batches_open, ranges_open, primary keys, workflow_states_dated. Without compilation: of lists inside JSON
-- the planner expects a hundred elements each, and a second of compiling would be spent on milliseconds.
create function {schema}.claim_work(step text, worker text, most int default 10, hold interval default interval '1 minute', only_version text default null)
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
             where b.status in (0, 1)
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
                                                          where s.bucket = _bucket and s.batch = _batch and s.stage = a.stage and s.item = i.item and s.status = 3
                                                         offset 0) w
                                     cross join lateral (select x.data
                                                           from {schema}.enrichment_results x
                                                          where x.bucket = _bucket and x.batch = _batch and x.stage = a.stage and x.item = i.item and x.attempt = w.result_attempt and x.kind = 1
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
                        where b.status in (0, 1)
                          and p.plan -> 'manifest' ->> 'slug' = step
                          and (only_version is null or p.plan -> 'manifest' ->> 'version' = only_version)) then
        raise exception 'step: no host has shown a step %.', concat_ws(' ', step, only_version)
            using errcode = 'invalid_parameter_value',
                  hint = format('Known are: %s. A host that declares or runs the step has to have worked once.',
                                (select coalesce(string_agg(m.slug || ' ' || m.version, ', ' order by m.slug, m.version), 'none') from {schema}.step_manifests m));
    end if;
end
$$;

-- Items that were answered, each with its result, a JSON object as text; null: the vendor knows nothing of it. Returns the items whose state changed.
create function {schema}.complete_work(lease text, items int[], attempts int[], results text[], costs numeric[] default null)
returns setof int language sql security definer set search_path = pg_catalog, pg_temp as $$
select {schema}.end_work(lease, items, attempts, array(select case when r.result is null then 2::smallint else 1::smallint end from unnest(results) with ordinality as r (result, n) order by r.n), results, null, null, null, costs)
$$;

-- Items for which there was nothing to do. Returns the items whose state changed.
create function {schema}.skip_work(lease text, items int[], attempts int[], reasons text[], costs numeric[] default null)
returns setof int language sql security definer set search_path = pg_catalog, pg_temp as $$
select {schema}.end_work(lease, items, attempts, array_fill(3::smallint, array[cardinality(items)]), null, reasons, null, null, costs)
$$;

-- Items that failed: permanent, if no class is said, configuration or invalidOutput; or outcomeUnknown, of which the step's effects decide. Returns the items whose state changed.
create function {schema}.fail_work(lease text, items int[], attempts int[], reasons text[], classes text[] default null, costs numeric[] default null)
returns setof int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    class text;
begin
    foreach class in array coalesce(classes, '{}') loop
        if class not in ('permanent', 'configuration', 'invalidOutput', 'outcomeUnknown') then
            raise exception 'classes: expected permanent, configuration, invalidOutput or outcomeUnknown, got ''%''. What may pass by itself is deferred.', class using errcode = 'invalid_parameter_value';
        end if;
    end loop;

    return query
    select *
      from {schema}.end_work(
               lease, items, attempts,
               array(select case c.class when 'outcomeUnknown' then 7::smallint else 6::smallint end from unnest(items, classes) with ordinality as c (item, class, n) order by c.n), null, reasons,
               array(select case c.class when 'configuration' then 5::smallint when 'invalidOutput' then 4::smallint end from unnest(items, classes) with ordinality as c (item, class, n) order by c.n), null, costs);
end
$$;

-- Items to be tried again, after a time or by the stage's backoff; a vendor's "slow down" counts no try. Nor does an account that is used up: nothing is called for it until it is
-- resumed. Returns the items whose state changed.
create function {schema}.defer_work(
    lease text, items int[], attempts int[], reasons text[], after interval default null, counts_try boolean default true, costs numeric[] default null, out_of_credits boolean default false)
returns setof int language sql security definer set search_path = pg_catalog, pg_temp as $$
select {schema}.end_work(
           lease, items, attempts, array_fill(case when counts_try and not out_of_credits then 4::smallint else 5::smallint end, array[cardinality(items)]), null, reasons,
           case when out_of_credits then array_fill(8::smallint, array[cardinality(items)]) end, after, costs)
$$;

-- Prolongs a lease alone.
create function {schema}.renew_lease(_held {schema}.held_lease, hold interval)
returns boolean language plpgsql as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _owner constant text := _held.owner;
    _duration constant interval := hold;
    _buckets constant smallint[] := array[_held.bucket];
    _batches constant int[] := array[_held.batch];
    _stages constant smallint[] := array[_held.stage];
    _los constant int[] := array[_held.lo];
    _tokens constant bigint[] := array[_held.token];
    _renewed record;
begin
    {sql:renew}
    into _renewed;
    return found;
end
$$;

-- Prolongs a lease from now on, and its calls in flight with it. False if it was given back or taken over: what the worker has in hand is no longer its own.
create function {schema}.renew_work(lease text, hold interval default interval '1 minute')
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    _held constant {schema}.held_lease := {schema}.held_lease(lease);
begin
    if hold is null or hold not between interval '1 second' and interval '1 hour' then
        raise exception 'hold: expected 1 second to 1 hour, got %.', hold using errcode = 'invalid_parameter_value';
    elsif not {schema}.renew_lease(_held, hold) then
        return false;
    end if;

    if _held.block > 0 then
        perform {schema}.renew_calls(_held, hold);
    end if;

    return true;
end
$$;

-- Gives a lease back. What is still in the worker's hands was not called for: it costs no try, and others may have it at once. Returns how many items that were.
create function {schema}.release_work(lease text)
returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
    _evenifdue constant boolean := true;
    _items int[];
    _attempts int[];
    _left int := 0;
    _given boolean;
begin
    -- Of a lease that was lost, the open attempts may be another worker's.
    if not {schema}.renew_lease(_held, interval '10 seconds') then
        return 0;
    end if;

    select array_agg(l.item), array_agg(l.open_attempt)
      into _items, _attempts
      from (
        {sql:read_lost}) l
     where l.open_attempt is not null;
    if _items is not null then
        select count(*)
          into _left
          from {schema}.end_work(
                   lease, _items, _attempts, array_fill(0::smallint, array[cardinality(_items)]), null,
                   array_fill('The host was stopped before the call was made.'::text, array[cardinality(_items)]), null, null, null);
    end if;

    {sql:release}
    into _given;
    if _held.block > 0 then
        perform {schema}.return_calls(_held, 0, false, false);
    end if;

    return _left;
end
$$;

-- What runs as the owner is for those alone to whom it was granted.
revoke execute on function
    {schema}.end_work(text, int[], int[], smallint[], text[], text[], smallint[], interval, numeric[]),
    {schema}.claim_work(text, text, int, interval, text),
    {schema}.complete_work(text, int[], int[], text[], numeric[]),
    {schema}.skip_work(text, int[], int[], text[], numeric[]),
    {schema}.fail_work(text, int[], int[], text[], text[], numeric[]),
    {schema}.defer_work(text, int[], int[], text[], interval, boolean, numeric[], boolean),
    {schema}.renew_work(text, interval),
    {schema}.release_work(text)
from public;
