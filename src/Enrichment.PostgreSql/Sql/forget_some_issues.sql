-- Removes a version's issues of some items of a batch. Those of folded rows stay: they go when their key is folded anew.
-- Index: primary key, item by item. Called by ConsolidateAsync and BuildAsync.
delete from {schema}.projection_issues p
 using unnest(@buckets, @items) i (bucket, item)
 where p.bucket = i.bucket
   and p.projection = @projection
   and p.version = @version
   and p.batch = @batch
   and p.item = i.item
   and p.number >= 0;
