-- Batches that are marked as pruned and may still have rows: just marked, or left so by a crash. Index: batches_undeleted. Called by FindUndeletedAsync.
select batch
  from {schema}.batches
 where pruned_at is not null
   and deleted_at is null
 order by batch;
