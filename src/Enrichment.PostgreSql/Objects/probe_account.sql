-- Whether the caller makes the one call that tells whether more was bought for an account.
create or replace function {schema}.probe_account(bucket smallint, name text, hold interval)
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
