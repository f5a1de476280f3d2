-- Hides unfetched tasks of a range: no worker can fetch them any more, and a host can withdraw them at once. Index: the primary key. Called by HideTasksAsync.
update {schema}.external_tasks
   set visible_until = @now, acts_at = @now
 where bucket = @bucket
   and batch = @batch
   and stage = @stage
   and item in (select value from json_each(@items))
   and token is null;
