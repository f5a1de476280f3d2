-- Hides unfetched tasks of a range: no worker can fetch them any more, and a host can withdraw them at once. Locks: the tasks. Index: the primary key. Called by HideTasksAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now)
update {schema}.external_tasks t
   set visible_until = clock.now, acts_at = clock.now
  from clock
 where t.bucket = @bucket
   and t.batch = @batch
   and t.stage = @stage
   and t.item = any (@items)
   and t.token is null;
