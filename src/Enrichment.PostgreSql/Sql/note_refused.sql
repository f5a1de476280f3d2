-- Counts refused deliveries by hour, reason and part, and deletes counts older than 30 days: a host all of them, a worker's transaction those of its part.
-- Locks: those rows, in the given order. Called by NoteRefusedAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
gone as (
    delete from {schema}.refusals r
     using clock
     where r.hour < clock.now - interval '30 days'
       and @part in (0, r.part))
insert into {schema}.refusals as r (hour, reason, part, times, last_at)
select date_trunc('hour', clock.now), n.reason, @part, n.times, clock.now
  from clock, unnest(@reasons::text[], @times::int[]) as n (reason, times)
on conflict (hour, reason, part) do update
   set times = r.times + excluded.times, last_at = excluded.last_at;
