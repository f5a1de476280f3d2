-- The number of a new batch. Makes the month's partition if it is missing. The lock on the partition lasts until the launch is committed and blocks only
-- drop_month: a batch that is not visible yet keeps the month. Called by launch_batch.
create or replace function {schema}.next_batch(at timestamptz) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    month int := {schema}.month_of(at);
    results text := {schema}.results_of(month);
begin
    if to_regclass(format('{schema}.%I', results)) is null then
        perform {schema}.add_month(month);
    end if;

    execute format('lock table {schema}.%I in row share mode', results);
    return month << 22 | nextval(format('{schema}.%I', results || '_batch')::regclass)::int;
end
$$;

revoke execute on function {schema}.next_batch(timestamptz) from public;
