-- Leases a call for each of so many items, or for fewer: none, if the block is 0.
create or replace function {schema}.lease_calls(plan json, client text, worker text, wanted int, hold interval, out block bigint, out calls int, out starts_in interval, out answered_at timestamptz)
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
