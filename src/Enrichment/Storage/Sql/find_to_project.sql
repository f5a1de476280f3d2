-- Batches that have ended and whose end a version's table does not show, or that were read by other values of lists, the oldest first: also those that ended before the projection was declared.
-- Index: primary keys; every batch is looked at. Called by FindToProjectAsync.
select b.batch
  from {schema}.batches b
  left join {schema}.projection_batches p on p.projection = @projection and p.version = @version and p.batch = b.batch
  left join {schema}.projection_lists l on l.projection = @projection and l.version = @version and l.client = b.client
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and b.pruned_at is null
   and not b.entity_requests
   and (p.noted is distinct from b.version or p.lists < l.changes)
 order by b.batch;
