-- Items for which there was nothing to do. Returns the items whose state changed.
create or replace function {schema}.skip_work(lease text, items int[], attempts int[], reasons text[], costs numeric[] default null)
returns setof int language sql security definer set search_path = pg_catalog, pg_temp as $$
select {schema}.end_work(lease, items, attempts, array_fill({outcome.skipped}::smallint, array[cardinality(items)]), null, reasons, null, null, costs)
$$;

revoke execute on function {schema}.skip_work(text, int[], int[], text[], numeric[]) from public;
