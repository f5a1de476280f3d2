-- Batches that have ended and whose answers are not profiled as of that end. Index: batches_unprofiled. Called by FindUnprofiledAsync.
select batch
  from {schema}.batches
 where status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and profiled_version is distinct from version
   and pruned_at is null
   and not entity_requests
 order by batch;
