-- Removes a version's issues of some items of a batch.
-- Index: primary key, item by item. Called by ConsolidateAsync and BuildAsync.
delete from {schema}.projection_issues p
 using unnest(@buckets, @items) i (bucket, item)
 where p.bucket = i.bucket
   and p.projection = @projection
   and p.version = @version
   and p.batch = @batch
   and p.item = i.item;
