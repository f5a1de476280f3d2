-- Batches that have ended since there are observers, and whose end no observer was told. Index: batches_unobserved. Called by FindUnobservedAsync.
select batch
  from {schema}.batches
 where status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and observed_version is distinct from version
   and pruned_at is null
   and not entity_requests
   and completed_at >= (select since from {schema}.observers)
 order by batch;
