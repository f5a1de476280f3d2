-- The tasks of a range on which a host has to act, and keeps them from other hosts for a time; those that were fetched for another. Locks: the tasks, passing over those
-- that are reported at this moment. Index: primary keys. Called by TakeDueTasksAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
due as materialized (
    select t.ctid as place
      from {schema}.external_tasks t, clock
     where t.bucket = @bucket
       and t.batch = @batch
       and t.stage = @stage
       and t.acts_at <= clock.now
     order by t.item
     limit @limit
       for update of t skip locked),
taken as (
    update {schema}.external_tasks t
       set acts_at = clock.now + case when t.token is null then @hold else @holdFetched end
      from due d, clock
     where t.ctid = d.place
       and t.bucket = @bucket
    returning t.item, t.attempt, t.token is not null as fetched, t.alone, t.worker)
select t.item, s.generation, t.attempt, s.tries, coalesce(s.key_generation, s.generation) as key_generation, t.fetched, t.alone, t.worker
  from taken t
  join {schema}.workflow_states s on s.bucket = @bucket and s.batch = @batch and s.stage = @stage and s.item = t.item and s.attempt = t.attempt
 order by t.item;
