-- The items of a batch in some buckets. Of a batch that was just launched the planner knows nothing: each bucket is looked up by itself.
-- Index: primary key, bucket by bucket. Called by ConsolidateAsync and RebuildAsync.
select g.bucket, i.item
  from unnest(@buckets) g (bucket)
 cross join lateral (select n.item
                       from {schema}.batch_items n
                      where n.bucket = g.bucket
                        and n.batch = @batch
                     offset 0) i
 order by g.bucket, i.item;
