-- Gives a block back, and says what was heard last: if it is the one call that is to tell whether a failing vendor answers again, that is all that was heard.
create or replace function {schema}.return_calls(held {schema}.held_lease, unused int, answered boolean, failed boolean)
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
