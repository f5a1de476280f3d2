-- The data against which a plan is resolved: a batch's snapshot, and its upload's headers and header map. Also whether it has ended, so that only a
-- retry changes its states, and how far a version of the projection has it. A cancelled batch may still be settling, and counts as working.
-- Index: primary keys. Called by ConsolidateAsync and BuildAsync.
select b.client, u.upload, u.id, u.accepted + u.rejected as last_row, u.columns, u.header_map, b.snapshot, b.id as batch_id, b.pruned_at, b.items,
       b.version, b.status in ({batch.completed}, {batch.completed_with_failures}) as has_ended,
       p.noted, p.shown, p.filling, p.again, p.bucket, p.item, p.lists, coalesce(l.changes, 0) as changes, p.filled, p.lists_since, p.counted
  from {schema}.batches b
  join {schema}.uploads u on u.upload = b.upload
  left join {schema}.projection_batches p on p.projection = @projection and p.version = @version and p.batch = b.batch
  left join {schema}.projection_lists l on l.projection = @projection and l.version = @lists and l.client = b.client
 where b.batch = @batch;
