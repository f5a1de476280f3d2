-- Batches that have ended and whose typed tables do not show their end yet. Index: batches_unconsolidated. Called by FindUnconsolidatedAsync.
select batch
  from {schema}.batches
 where status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and consolidated_version is distinct from version
   and pruned_at is null
   and not entity_requests
 order by batch;
