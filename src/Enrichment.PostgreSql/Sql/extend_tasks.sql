-- Prolongs workers' locks from now on. Returns the numbers of the tasks that are still the worker's, from 1. Locks: the tasks, in order. Index: the primary key.
-- Called by ExtendTasksAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
{part:named_tasks},
kept as (
    update {schema}.external_tasks t
       set acts_at = greatest(clock.now, t.call_at) + @hold
      from clock, found f
     where t.ctid = f.place
       and t.bucket = f.bucket
       and f.acts_at is not null)
select number::int
  from found;
