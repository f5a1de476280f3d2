-- Hides tasks of a range that nobody has fetched, so that nobody will: a host can withdraw them at once. Index: the primary key. Called by HideTasksAsync.
update {schema}.external_tasks
   set visible_until = @now, acts_at = @now
 where bucket = @bucket
   and batch = @batch
   and stage = @stage
   and item in (select value from json_each(@items))
   and token is null;
