-- Gives a lease back. What is still in the worker's hands was not called for: it costs no try, and others may have it at once. Returns how many items that were.
create or replace function {schema}.release_work(lease text)
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

revoke execute on function {schema}.release_work(text) from public;
