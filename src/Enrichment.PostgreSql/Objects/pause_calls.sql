-- Lets no call leave for a time, because the vendor asks to slow down or fails.
create or replace function {schema}.pause_calls(held {schema}.held_lease, pause interval, failing boolean)
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
