-- Locks a range's row, so that the statement behind it in the same transaction sees every state that was counted in it, and those who count more wait.
-- Index: the primary key. Called by ClaimAsync, by TakeDueTimersAsync, before date_range, and by ResolveAsync.
select 1
  from {schema}.ranges r
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   for update;
