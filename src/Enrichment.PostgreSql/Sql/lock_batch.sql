-- Locks a batch's row, so that the next statement of the transaction sees the ranges as the earlier holders of the lock left them.
-- Index: the primary key. Called by RetryAsync and ResolveAsync, before reopen.
select 1
  from {schema}.batches b
 where b.batch = @batch
   for no key update;
