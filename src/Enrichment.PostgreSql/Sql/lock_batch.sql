-- Locks a batch's row, so that the statement behind it in the same transaction sees what those who held it before have made of its ranges.
-- Index: the primary key. Called by RetryAsync and ResolveAsync, before reopen.
select 1
  from {schema}.batches b
 where b.batch = @batch
   for no key update;
