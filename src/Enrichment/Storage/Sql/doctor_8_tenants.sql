-- Invariant 8: no batch joins two clients. Called by ExamineAsync.
select 8 as invariant, format('batch %s belongs to client %s, its upload to client %s', b.batch, b.client, u.client) as detail
  from {schema}.batches b
  join {schema}.uploads u on u.upload = b.upload
 where b.client <> u.client
 limit 100;
