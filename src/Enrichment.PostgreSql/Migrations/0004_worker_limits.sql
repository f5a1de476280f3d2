-- What vendors allow, as it is kept with workers in SQL. A block is leased for the items of a claim and stands in the name of their lease: with it, it is renewed and given
-- back. The statements are the hosts' own; a limit's bucket and name are not those of the work, so that each has a function with variables of its own.
-- Locks: the limit's row behind all others, its blocks behind that.

-- The account with the vendor that a stage calls with, as StagePlan in the core says it. It bears the name of the stage's limit.
create function {schema}.stage_account(plan json, client text, out bucket smallint, out name text) language sql immutable parallel safe as $$
select {schema}.key_bucket(n.name), n.name
  from (select concat(case when (plan -> 'limits' ->> 'shared')::boolean then '*' else client end, '/', coalesce(plan -> 'limits' ->> 'name', plan -> 'manifest' ->> 'slug')) as name) n
$$;

-- The limit that a stage sends under, as CallLimits and PermitRequest in the core say it; nothing if it has none. fitting: how many calls a block may have; late: how late a
-- worker's call may leave.
create function {schema}.stage_limit(plan json, client text, out bucket smallint, out name text, out gap interval, out late interval, out fitting int, out concurrency int, out break_after int)
language plpgsql stable parallel safe as $$
declare
    limits json := plan -> 'limits';
    apart double precision := {schema}.seconds_of(coalesce(limits ->> 'per', '00:00:01')) / (limits ->> 'rate')::double precision;
begin
    if limits is null then
        return;
    end if;

    select a.bucket, a.name into bucket, name from {schema}.stage_account(plan, client) a;
    gap := make_interval(secs => coalesce(apart, 0));
    late := make_interval(secs => coalesce(apart * coalesce((limits ->> 'burst')::int, greatest(1, ceil(0.25 / apart))) / 4, 5));
    concurrency := coalesce((limits ->> 'concurrency')::int, 0);
    break_after := coalesce((limits ->> 'breakAfter')::int, 10);
    fitting := greatest(least(trunc(5 / apart), (nullif(concurrency, 0) + 1) / 2, 1000), 1);
end
$$;

-- The same of a lease, whose name may have been said long ago.
create function {schema}.held_limit(held {schema}.held_lease, out bucket smallint, out name text, out break_after int)
language sql stable parallel safe as $$
select l.bucket, l.name, l.break_after
  from {schema}.batches b
  join {schema}.clients c on c.client = b.client
 cross join lateral {schema}.stage_limit(b.snapshot -> 'stages' -> (held.stage - 1), c.slug) l
 where b.batch = held.batch
$$;

-- Notes under which limit a stage sends, so that what waits there can say so.
create function {schema}.bind_stage(batch int, stage smallint, bucket smallint, name text)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _batch constant int := batch;
    _stage constant smallint := stage;
    _bucket constant smallint := bucket;
    _name constant text := name;
    _untilanswered constant boolean := false; -- A worker answers what it has in hand.
begin
    {sql:bind_limit};
end
$$;

-- Leases a call for each of so many items, or for fewer: none, if the block is 0.
create function {schema}.lease_calls(plan json, client text, worker text, wanted int, hold interval, out block bigint, out calls int, out starts_in interval, out answered_at timestamptz)
language plpgsql as $$
#variable_conflict use_column
declare
    _limit constant record := {schema}.stage_limit(plan, client);
    _now constant timestamptz := null;
    _bucket constant smallint := _limit.bucket;
    _name constant text := _limit.name;
    _client constant text := client;
    _owner constant text := worker;
    _calls constant int := wanted;
    _gap constant interval := _limit.gap;
    _concurrency constant int := _limit.concurrency;
    _ahead constant interval := '250 milliseconds';
    _lead constant interval := '100 milliseconds';
    _surplus constant int := case when extract(epoch from _gap) > 0 then greatest(trunc((wanted - 0.25 / extract(epoch from _gap)) / 2), 0) else 0 end;
    _window constant interval := greatest(interval '5 seconds', 20 * _gap);
    _lease constant interval := hold;
    _locked int;
    _wait interval;
begin
    {sql:lock_limit}
    into _locked;
    {sql:lease_permits}
    into block, calls, starts_in, _wait;
    answered_at := clock_timestamp();
end
$$;

-- Prolongs a block.
create function {schema}.renew_calls(held {schema}.held_lease, hold interval)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _limit constant record := {schema}.held_limit(held);
    _owner constant text := held.owner;
    _duration constant interval := hold;
    _buckets constant smallint[] := array[_limit.bucket];
    _names constant text[] := array[_limit.name];
    _blocks constant bigint[] := array[held.block];
begin
    {sql:renew_permits};
end
$$;

-- Gives a block back, and says what was heard last: if it is the one call that is to tell whether a failing vendor answers again, that is all that was heard.
create function {schema}.return_calls(held {schema}.held_lease, unused int, answered boolean, failed boolean)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _limit constant record := {schema}.held_limit(held);
    _bucket constant smallint := _limit.bucket;
    _name constant text := _limit.name;
    _block constant bigint := held.block;
    _unused constant int := unused;
    _answered constant boolean := answered;
    _failed constant boolean := failed;
    _failures constant int := 0; -- note_calls has counted them
    _breakafter constant int := _limit.break_after;
    _pause constant interval := '30 seconds';
    _locked int;
begin
    {sql:lock_limit}
    into _locked;
    {sql:return_permits};
end
$$;

-- Lets no call leave for a time, because the vendor asks to slow down or fails.
create function {schema}.pause_calls(held {schema}.held_lease, pause interval, failing boolean)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _limit constant record := {schema}.held_limit(held);
    _bucket constant smallint := _limit.bucket;
    _name constant text := _limit.name;
    _pause constant interval := pause;
    _failing constant boolean := failing;
begin
    {sql:pause_limit};
end
$$;

-- What the vendor said, for all. One that fails too often is left alone; one that asks to slow down is left alone for so long, or longer each time.
create function {schema}.note_calls(held {schema}.held_lease, plan json, failures int, answered boolean, slows_down boolean, asked interval)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _limit constant record := {schema}.held_limit(held);
    _bucket constant smallint := _limit.bucket;
    _name constant text := _limit.name;
    _failures constant int := case when slows_down then 0 else failures end; -- It answers.
    _answered constant boolean := answered;
    _breakafter constant int := _limit.break_after;
    _spread constant double precision := 0.5 + random() / 2;
    _asked constant interval := case when asked is not null then least(asked, interval '1 hour') end; -- Nobody can lift it.
    _first constant interval := make_interval(secs => _spread * {schema}.seconds_of(plan -> 'retry' ->> 'baseDelay'));
    _longest constant interval := least(make_interval(secs => _spread * {schema}.seconds_of(plan -> 'retry' ->> 'maxDelay')), interval '1 hour');
    _ended boolean;
    _locked int;
begin
    if _failures > 0 or _answered then
        {sql:count_failures}
        into _ended;
        if _ended and not _answered then
            perform {schema}.pause_calls(held, interval '30 seconds', true);
        end if;
    end if;

    if slows_down then
        {sql:lock_limit}
        into _locked;
        {sql:slow_down};
    end if;
end
$$;

-- The account of a lease.
create function {schema}.held_account(held {schema}.held_lease, out bucket smallint, out name text)
language sql stable parallel safe as $$
select a.bucket, a.name
  from {schema}.batches b
  join {schema}.clients c on c.client = b.client
 cross join lateral {schema}.stage_account(b.snapshot -> 'stages' -> (held.stage - 1), c.slug) a
 where b.batch = held.batch
$$;

-- Whether the caller makes the one call that tells whether more was bought for an account.
create function {schema}.probe_account(bucket smallint, name text, hold interval)
returns boolean language plpgsql as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _bucket constant smallint := bucket;
    _name constant text := name;
    _hold constant interval := hold;
    _probes int;
begin
    {sql:probe_account}
    into _probes;
    return found;
end
$$;

-- Gives that call back, because there was nothing to call for.
create function {schema}.return_probe(bucket smallint, name text)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _bucket constant smallint := bucket;
    _name constant text := name;
begin
    {sql:return_probe};
end
$$;

-- What the vendor said of a lease's account: that it is used up, so that nothing is called for a time; or an answer, which ends such a pause if a call was out to tell.
-- What was put off keeps its date then: only items of a pure step have one, a quarter of an hour after the vendor said so.
create function {schema}.note_account(held {schema}.held_lease, used_up boolean)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _account constant record := {schema}.held_account(held);
    _bucket constant smallint := _account.bucket;
    _name constant text := _account.name;
    _pause constant interval := '15 minutes';
    _age constant interval := '0'; -- When a worker's call began is not known: what it hears holds from now on.
    _probed constant boolean := true;
    _noted int;
begin
    perform set_config('idle_in_transaction_session_timeout', '5s', true); -- Hosts wait for the account's row.
    if used_up then
        perform {schema}.bind_stage(held.batch, held.stage, _bucket, _name);
        {sql:pause_account}
        into _noted;
    else
        {sql:resume_account}
        into _noted;
    end if;
end
$$;
