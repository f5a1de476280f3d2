-- Prolongs workers' locks from now on. Returns the tasks that are not the worker's any more. Locks: the tasks, in order. Index: the primary key.
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
select t.task
  from unnest(@tasks::text[]) with ordinality as t (task, number)
 where not exists (select 1
                     from found f
                    where f.task = t.task)
 order by t.number;
