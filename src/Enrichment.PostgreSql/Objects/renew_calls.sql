-- Prolongs a block.
create or replace function {schema}.renew_calls(held {schema}.held_lease, hold interval)
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
