-- A page of a client's sealed uploads that a filter leaves, the youngest first, without those that hold the rows of request batches.
-- Index: uploads_of_a_client, batches_of_an_upload. Called by ReadUploadsAsync, page after page.
select u.upload as key, u.id, c.slug as client, u.workstream, u.workstream_version, u.file_name, u.size_bytes, u.sha256, u.columns, u.header_map, u.report,
       u.accepted, u.rejected, u.sealed_at, u.pruned_at, u.uploaded_by, (select count(*)::int from {schema}.batches b where b.upload = u.upload) as batches
  from {schema}.uploads u
  join {schema}.clients c on c.client = u.client
 where c.slug = @client
   and u.sealed_at is not null
   and u.upload < @below
   and (@workstream::text is null or u.workstream = @workstream)
   and (@fileName::text is null or u.file_name collate "C" ~ @fileName)
   and (@sha256::bytea is null or u.sha256 = @sha256)
   and (@from::timestamptz is null or u.sealed_at >= @from)
   and (@until::timestamptz is null or u.sealed_at < @until)
   and (@launched::boolean is null or @launched = exists (select 1 from {schema}.batches b where b.upload = u.upload))
   and not exists (select 1 from {schema}.batches b where b.upload = u.upload and b.entity_requests)
 order by u.upload desc
 limit @limit;
