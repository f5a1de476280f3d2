-- Items that failed: permanent, if no class is said, configuration or invalidOutput; or outcomeUnknown, of which the step's effects decide. Returns the items whose state changed.
create or replace function {schema}.fail_work(lease text, items int[], attempts int[], reasons text[], classes text[] default null, costs numeric[] default null)
returns setof int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    class text;
begin
    foreach class in array coalesce(classes, '{}') loop
        if class not in ('permanent', 'configuration', 'invalidOutput', 'outcomeUnknown') then
            raise exception 'classes: expected permanent, configuration, invalidOutput or outcomeUnknown, got ''%''. What may pass by itself is deferred.', class using errcode = 'invalid_parameter_value';
        end if;
    end loop;

    return query
    select *
      from {schema}.end_work(
               lease, items, attempts,
               array(select case c.class when 'outcomeUnknown' then {outcome.unknown}::smallint else {outcome.failed}::smallint end
                       from unnest(items, classes) with ordinality as c (item, class, n)
                      order by c.n),
               null, reasons,
               array(select case c.class when 'configuration' then {class.configuration}::smallint when 'invalidOutput' then {class.invalid_output}::smallint end
                       from unnest(items, classes) with ordinality as c (item, class, n)
                      order by c.n),
               null, costs);
end
$$;

revoke execute on function {schema}.fail_work(text, int[], int[], text[], text[], numeric[]) from public;
