-- Locks a range's row, so that the next statement of the transaction sees every state that is counted in it, and others that change its counters wait.
-- Index: the primary key. Called by ClaimAsync, by TakeDueTimersAsync, before date_range, and by ResolveAsync.
select 1
  from {schema}.ranges r
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   for update;
