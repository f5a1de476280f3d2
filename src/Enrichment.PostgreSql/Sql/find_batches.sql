-- Batches by inner key, by a client's id or launch key, or all of a client or of an upload but request batches, the youngest first.
-- Called by FindBatchAsync, LoadBatchAsync, ReadBatchesAsync, LaunchAsync.
select b.batch as key, b.id, c.slug as client, u.id as upload_id, b.upload, b.pipeline, b.snapshot, b.launch_key, b.request_hash, b.status, b.version, b.items,
       b.created_at, b.started_at, b.completed_at, b.priority, b.pruned_at, b.entity_requests, b.trace_parent
  from {schema}.batches b
  join {schema}.clients c on c.client = b.client
  join {schema}.uploads u on u.upload = b.upload
 where (@batch::int is null or b.batch = @batch)
   and (@client::text is null or c.slug = @client)
   and (@id::uuid is null or b.id = @id)
   and (@upload::int is null or b.upload = @upload)
   and (@keys::text is null or b.launch_key = @keys or substr(b.launch_key, 1, length(@keys) + 1) = @keys || '/')
   and (@key::text is null or b.launch_key = @key)
   and (@below::int is null or b.batch < @below)
   and (not b.entity_requests or @batch::int is not null or @id::uuid is not null)
 order by b.batch desc
 limit @limit;
