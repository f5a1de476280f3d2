-- The batches of which a new version of a projection would be made: those that have ended, and those that the live version shows; of pruned ones rows are copied.
-- Index: primary keys; every batch is looked at. Called by PlanAsync.
select b.batch, b.items, b.pruned_at is not null as is_pruned, u.workstream
  from {schema}.batches b
  join {schema}.uploads u on u.upload = b.upload
  left join {schema}.projection_batches l on l.projection = @projection and l.version = @live and l.batch = b.batch
 where (b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled}) and b.pruned_at is null and not b.entity_requests)
    or l.noted is not null
 order by b.batch;
