-- A client's issues of a version of a projection, of one batch or of all, in order.
-- Index: primary key, bucket by bucket. Called by ReadIssuesAsync.
select b.id, i.item, i."column", i.source, i.reason, i.value, i.child_key
  from {schema}.clients c
  join {schema}.batches b on b.client = c.client
  join {schema}.projection_issues i on i.batch = b.batch
 where c.slug = @client
   and i.bucket between 0 and 63
   and i.projection = @projection
   and i.version = @version
   and (@every or b.id = @batch)
 order by i.batch, i.item, i."column", i.source, i.number;
