-- Makes this month's partition and the next two. Called by MigrateAsync and by the workers' singleton_leases, so that a launch finds its month made.
create or replace function {schema}.add_months(at timestamptz) returns void language plpgsql as $$
begin
    for month in {schema}.month_of(at) .. {schema}.month_of(at) + 2 loop
        if to_regclass(format('{schema}.%I', {schema}.results_of(month))) is null then
            perform {schema}.add_month(month);
        end if;
    end loop;
end
$$;
