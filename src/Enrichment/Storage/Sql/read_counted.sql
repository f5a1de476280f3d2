-- What is counted of the rows that a client has in a version's table, batch by batch; of batches that readers do not see yet, nothing.
-- Index: primary keys. Called by ReadAvailabilityAsync and CountAsync.
select p.counted
  from {schema}.projection_batches p
  join {schema}.batches b on b.batch = p.batch
  join {schema}.clients c on c.client = b.client
 where p.projection = @projection
   and p.version = @version
   and p.noted is not null
   and c.slug = @client
   and (@every or b.id = @id);
