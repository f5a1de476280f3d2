-- Items of a batch in some buckets, those after an item in the first bucket and all in the others. Of a batch that was just launched the planner knows
-- nothing: each bucket is looked up by itself. Index: primary key, bucket by bucket. Called by ConsolidateAsync and BuildAsync.
select g.bucket, i.item
  from unnest(@buckets) g (bucket)
 cross join lateral (select n.item
                       from {schema}.batch_items n
                      where n.bucket = g.bucket
                        and n.batch = @batch
                        and n.item > case when g.bucket = @bucket then @item else 0 end
                      order by n.item
                      limit @limit) i
 order by g.bucket, i.item
 limit @limit;
