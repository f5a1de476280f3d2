-- A page of a client's sealed uploads, the youngest first. Called by ReadUploadsAsync, page after page.
select u.upload as key, u.id, c.slug as client, u.workstream, u.workstream_version, u.file_name, u.size_bytes, u.sha256, u.columns, u.header_map, u.report,
       u.accepted, u.rejected, u.sealed_at, u.pruned_at
  from {schema}.uploads u
  join {schema}.clients c on c.client = u.client
 where c.slug = @client
   and u.sealed_at is not null
   and u.upload < @below
 order by u.upload desc
 limit @limit;
