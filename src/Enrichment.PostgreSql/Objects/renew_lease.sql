-- Prolongs a lease alone.
create or replace function {schema}.renew_lease(_held {schema}.held_lease, hold interval)
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
