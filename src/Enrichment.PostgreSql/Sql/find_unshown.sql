-- Batches that ended more than a minute ago and whose end the live table does not show, with the last failure: a batch whose consolidation fails again and
-- again, or that no host has come to. Index: primary keys; every batch is looked at. Called by ExamineAsync.
select b.id, f.error
  from {schema}.batches b
  left join {schema}.projection_batches p on p.projection = @projection and p.version = @version and p.batch = b.batch
  left join {schema}.projection_failures f on f.projection = @projection and f.batch = b.batch
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and b.pruned_at is null
   and not b.entity_requests
   and b.completed_at < coalesce(@now, clock_timestamp()) - interval '1 minute'
   and p.noted is distinct from b.version
 order by b.batch;
