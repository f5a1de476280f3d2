-- What a plan is resolved against: a batch's snapshot, and its upload's headers and header map.
-- Index: primary keys. Called by ConsolidateAsync and RebuildAsync.
select b.client, u.upload, u.id, u.accepted + u.rejected as last_row, u.columns, u.header_map, b.snapshot, b.id as batch_id, b.pruned_at
  from {schema}.batches b
  join {schema}.uploads u on u.upload = b.upload
 where b.batch = @batch;
