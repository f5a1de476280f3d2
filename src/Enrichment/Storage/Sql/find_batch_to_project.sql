-- The data against which a plan is resolved: a batch's snapshot, and its upload's headers and header map. Also its version if it has ended, so that only a
-- retry changes its states, and the version that the projection's table shows. A cancelled batch may still be settling, and counts as working.
-- Index: primary keys. Called by ConsolidateAsync and RebuildAsync.
select b.client, u.upload, u.id, u.accepted + u.rejected as last_row, u.columns, u.header_map, b.snapshot, b.id as batch_id, b.pruned_at, b.items,
       case when b.status in ({batch.completed}, {batch.completed_with_failures}) then b.version end as ended, p.version as shown
  from {schema}.batches b
  join {schema}.uploads u on u.upload = b.upload
  left join {schema}.projection_batches p on p.projection = @projection and p.batch = b.batch
 where b.batch = @batch;
