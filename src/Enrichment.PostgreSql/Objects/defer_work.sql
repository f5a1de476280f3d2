-- Items to be tried again, after a time or by the stage's backoff; a vendor's "slow down" counts no try. Nor does an account that is used
-- up: nothing is called for it until it is resumed. Returns the items whose state changed.
create or replace function {schema}.defer_work(
    lease text, items int[], attempts int[], reasons text[], after interval default null, counts_try boolean default true,
    costs numeric[] default null, out_of_credits boolean default false)
returns setof int language sql security definer set search_path = pg_catalog, pg_temp as $$
select {schema}.end_work(
           lease, items, attempts,
           array_fill(case when counts_try and not out_of_credits then {outcome.retry} else {outcome.rate_limited} end::smallint, array[cardinality(items)]),
           null, reasons,
           case when out_of_credits then array_fill({class.out_of_credits}::smallint, array[cardinality(items)]) end, after, costs)
$$;

revoke execute on function {schema}.defer_work(text, int[], int[], text[], interval, boolean, numeric[], boolean) from public;
