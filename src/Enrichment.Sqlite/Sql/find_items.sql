-- Items of a batch in some buckets, those after an item in the first bucket and all in the others.
-- Index: primary key, bucket by bucket. Called by ConsolidateAsync and BuildAsync.
select i.bucket, i.item
  from json_each(@buckets) g
 cross join {schema}.batch_items i
 where i.bucket = g.value
   and i.batch = @batch
   and i.item > case when g.value = @bucket then @item else 0 end
 order by i.bucket, i.item
 limit @limit;
