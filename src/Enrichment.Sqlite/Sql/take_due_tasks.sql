-- The tasks of a range on which a host has to act, and keeps them from other hosts for a time; those that were fetched for another. Index: primary keys.
-- Called by TakeDueTasksAsync.
create temp table if not exists due_tasks (item integer primary key, attempt integer not null);

delete from due_tasks;

insert into due_tasks (item, attempt)
select t.item, t.attempt
  from {schema}.external_tasks t
 where t.bucket = @bucket
   and t.batch = @batch
   and t.stage = @stage
   and t.acts_at <= @now
 order by t.item
 limit @limit;

with d as materialized (
    select *
      from due_tasks)
update {schema}.external_tasks as t
   set acts_at = @now + case when t.token is null then @hold else @holdFetched end
  from d
 where t.bucket = @bucket
   and t.batch = @batch
   and t.stage = @stage
   and t.item = d.item
   and t.attempt = d.attempt;

select d.item, s.generation, d.attempt, s.tries, coalesce(s.key_generation, s.generation) as key_generation, t.token is not null as fetched, t.alone, t.worker
  from due_tasks d
 cross join {schema}.external_tasks t
 cross join {schema}.workflow_states s
 where t.bucket = @bucket and t.batch = @batch and t.stage = @stage and t.item = d.item and t.attempt = d.attempt
   and s.bucket = @bucket and s.batch = @batch and s.stage = @stage and s.item = d.item and s.attempt = d.attempt
 order by d.item;
