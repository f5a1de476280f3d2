-- Items that were answered, each with its result, a JSON object as text; null: the vendor knows nothing of it. Returns the items whose state changed.
create or replace function {schema}.complete_work(lease text, items int[], attempts int[], results text[], costs numeric[] default null)
returns setof int language sql security definer set search_path = pg_catalog, pg_temp as $$
select {schema}.end_work(
           lease, items, attempts,
           array(select case when r.result is null then {outcome.not_found}::smallint else {outcome.completed}::smallint end
                   from unnest(results) with ordinality as r (result, n)
                  order by r.n),
           results, null, null, null, costs)
$$;

revoke execute on function {schema}.complete_work(text, int[], int[], text[], numeric[]) from public;
