-- The pipeline of a batch as it was at launch, unless the batch was pruned. Index: the primary key. Called by ExportAsync.
select snapshot
  from {schema}.batches
 where batch = @batch
   and pruned_at is null;
