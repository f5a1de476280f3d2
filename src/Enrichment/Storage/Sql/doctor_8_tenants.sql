-- Invariant 8: no batch joins two clients. Called by ExamineAsync.
select 8 as invariant, format('batch %s belongs to client %s, its upload to client %s', b.id, c.slug, o.slug) as detail
  from {schema}.batches b
  join {schema}.uploads u on u.upload = b.upload
  join {schema}.clients c on c.client = b.client
  join {schema}.clients o on o.client = u.client
 where b.client <> u.client
 limit 100;
