-- Counts refused deliveries by hour and reason, and deletes counts older than 30 days. Locks: those rows, in the given order. Called by NoteRefusedAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
gone as (
    delete from {schema}.refusals r
     using clock
     where r.hour < clock.now - interval '30 days')
insert into {schema}.refusals as r (hour, reason, times, last_at)
select date_trunc('hour', clock.now), n.reason, n.times, clock.now
  from clock, unnest(@reasons::text[], @times::int[]) as n (reason, times)
on conflict (hour, reason) do update
   set times = r.times + excluded.times, last_at = excluded.last_at;
