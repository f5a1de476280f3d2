-- The items of a batch in some buckets. Index: primary key, bucket by bucket. Called by ConsolidateAsync and RebuildAsync.
select i.bucket, i.item
  from json_each(@buckets) g
 cross join {schema}.batch_items i
 where i.bucket = g.value
   and i.batch = @batch
 order by i.bucket, i.item;
