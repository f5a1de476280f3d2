-- The limit that a stage sends under, as CallLimits and PermitRequest in the core say it; nothing if it has none. fitting: how many calls a block may have; late: how late a
-- worker's call may leave.
create or replace function {schema}.stage_limit(plan json, client text, out bucket smallint, out name text, out gap interval, out late interval, out fitting int, out concurrency int, out break_after int)
language plpgsql stable parallel safe as $$
declare
    limits json := plan -> 'limits';
    apart double precision := {schema}.seconds_of(coalesce(limits ->> 'per', '00:00:01')) / (limits ->> 'rate')::double precision;
begin
    if limits is null then
        return;
    end if;

    select a.bucket, a.name into bucket, name from {schema}.stage_account(plan, client) a;
    gap := make_interval(secs => coalesce(apart, 0));
    late := make_interval(secs => coalesce(apart * coalesce((limits ->> 'burst')::int, greatest(1, ceil(0.25 / apart))) / 4, 5));
    concurrency := coalesce((limits ->> 'concurrency')::int, 0);
    break_after := coalesce((limits ->> 'breakAfter')::int, 10);
    fitting := greatest(least(trunc(5 / apart), (nullif(concurrency, 0) + 1) / 2, 1000), 1);
end
$$;
