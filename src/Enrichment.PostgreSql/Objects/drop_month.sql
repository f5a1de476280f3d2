-- Drops a past month whose batches are all pruned, in two calls, because the table is dropped without a lock on its parent: the first call detaches it, the
-- second drops it. Returns whether it did something. Detaching locks the parent against all readers and writers, so it waits at most a tenth of a second;
-- else it fails and changes nothing. The partition is locked first: a launch that is not visible yet holds it (next_batch). Called by drop_months.
create or replace function {schema}.drop_month(month int, at timestamptz) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '100ms' as $$
declare
    results regclass := to_regclass(format('{schema}.%I', {schema}.results_of(month)));
begin
    if results is null or month >= {schema}.month_of(at) then
        return false;
    end if;

    execute format('lock table %s in access exclusive mode', results);
    if exists (select 1 from {schema}.batches b where b.batch between month << 22 and (month << 22) + 4194303 and b.pruned_at is null) then
        return false;
    end if;

    if exists (select 1 from pg_inherits where inhrelid = results) then
        execute format('alter table {schema}.enrichment_results detach partition %s', results);
    else
        execute format('drop table %s', results);
    end if;

    return true;
end
$$;

revoke execute on function {schema}.drop_month(int, timestamptz) from public;
