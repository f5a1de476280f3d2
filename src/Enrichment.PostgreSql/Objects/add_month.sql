-- Makes the partition of a month unless it exists. Hosts may race, in any transactions: the second waits for the first, then finds the partition. Locks: the
-- parent against others that add, drop or analyze partitions; not against readers and writers, because the partition is made as a table of
-- its own and then attached. Runs as the schema's owner, because only the parent's owner may attach. Called by next_batch and add_months.
create or replace function {schema}.add_month(month int) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    results text := {schema}.results_of(month);
begin
    lock table {schema}.enrichment_results in share update exclusive mode;
    if to_regclass(format('{schema}.%I', results)) is not null then
        return;
    end if;

    -- A partition inherits no storage parameters. Rows are inserted once and never updated: what vacuum has to do here is to mark and freeze new pages
    -- a few at a time, so that it never comes to a month's pages all at once.
    execute format('create table {schema}.%I (like {schema}.enrichment_results including all) with (autovacuum_vacuum_insert_scale_factor = 0.1)', results);
    execute format('create sequence {schema}.%I as int maxvalue 4194303 owned by {schema}.%I.batch', results || '_batch', results);
    execute format('alter table {schema}.enrichment_results attach partition {schema}.%I for values from (%s) to (%s)', results, month << 22, (month + 1) << 22);
end
$$;

revoke execute on function {schema}.add_month(int) from public;
