-- What the vendor said, for all. One that fails too often is left alone; one that asks to slow down is left alone for so long, or longer
-- each time.
create or replace function {schema}.note_calls(held {schema}.held_lease, plan json, failures int, answered boolean, slows_down boolean, asked interval)
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
    _asked constant interval := case when asked is not null then least(asked, interval '1 hour') end; -- Nobody lifts it.
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
