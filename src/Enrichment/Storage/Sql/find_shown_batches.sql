-- A client's batches of which a version's table may have rows, the oldest first: of each the upload, and how many rows its file has. Called by ExportAsync.
select b.batch, b.id, u.id as upload, u.accepted + u.rejected as rows
  from {schema}.projection_batches p
  join {schema}.batches b on b.batch = p.batch
  join {schema}.clients c on c.client = b.client
  join {schema}.uploads u on u.upload = b.upload
 where p.projection = @projection
   and p.version = @version
   and c.slug = @client
   and (@every or b.id = @id)
 order by b.batch;
