-- A client's sealed upload, by public id or by fingerprint. Called by FindUploadAsync and SealAsync.
select u.upload as key, u.id, c.slug as client, u.workstream, u.workstream_version, u.file_name, u.size_bytes, u.sha256, u.columns, u.header_map, u.report,
       u.accepted, u.rejected, u.sealed_at, u.pruned_at, u.uploaded_by, cast((select count(*) from {schema}.batches b where b.upload = u.upload) as int) as batches
  from {schema}.uploads u
  join {schema}.clients c on c.client = u.client
 where c.slug = @client
   and u.sealed_at is not null
   and (u.id = @id or (u.fingerprint = @fingerprint and u.pruned_at is null and (not @again or u.upload = @upload)))
 order by u.edition
 limit 1;
