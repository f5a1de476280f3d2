-- Batches that a version that is built lacks: those that have ended, and those that the live version shows; of pruned ones, what the live version has is copied.
-- Index: primary keys; every batch is looked at. Called by BuildAsync.
select b.batch
  from {schema}.batches b
  left join {schema}.projection_batches p on p.projection = @projection and p.version = @version and p.batch = b.batch
  left join {schema}.projection_batches l on l.projection = @projection and l.version = @live and l.batch = b.batch
  left join {schema}.projection_lists c on c.projection = @projection and c.version = @version and c.client = b.client
 where (b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
        and b.pruned_at is null
        and not b.entity_requests
        and (p.noted is distinct from b.version or p.lists < c.changes))
    or (l.noted is not null and (p.noted is null or (b.pruned_at is null and p.noted < l.noted)))
 order by b.batch;
