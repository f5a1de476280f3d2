-- Batches that ended more than a minute ago and that a projection's table does not show. A batch whose consolidation fails again and again; a projection that
-- was declared later does not have the older ones. Index: batches_unconsolidated. Called by ExamineAsync.
select b.id
  from {schema}.batches b
  left join {schema}.projection_batches p on p.projection = @projection and p.batch = b.batch and p.version = b.version
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and b.consolidated_version is distinct from b.version
   and b.pruned_at is null
   and not b.entity_requests
   and b.completed_at < @now - 60000
   and p.batch is null
 order by b.batch;
