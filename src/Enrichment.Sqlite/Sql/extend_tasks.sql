-- Prolongs workers' locks from now on. Returns the numbers of the tasks that are still the worker's, from 1. Index: the primary key. Called by ExtendTasksAsync.
{part:named_tasks}

with n as materialized (
    select *
      from named
     where acts_at is not null)
update {schema}.external_tasks as t
   set acts_at = max(@now, t.call_at) + @hold
  from n
 where t.bucket = n.bucket
   and t.batch = n.batch
   and t.stage = n.stage
   and t.item = n.item
   and t.attempt = n.attempt;

select number
  from named;
