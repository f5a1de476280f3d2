-- Invariant 8: no batch joins two clients. Called by ExamineAsync.
select b.id as batch, c.slug as client, o.slug as owner
  from {schema}.batches b
  join {schema}.uploads u on u.upload = b.upload
  join {schema}.clients c on c.client = b.client
  join {schema}.clients o on o.client = u.client
 where b.client <> u.client
 limit 100;
