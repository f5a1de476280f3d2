-- The items of a batch that began a new generation since a version of it.
-- Index: primary key of state_history, bucket by bucket. Called by ConsolidateAsync.
with recursive b (bucket) as (values (0) union all select bucket + 1 from b where bucket < 63)
select h.bucket, h.item
  from b
 cross join {schema}.state_history h
 where h.bucket = b.bucket
   and h.batch = @batch
   and h.version > @version
 group by h.bucket, h.item
 order by h.bucket, h.item;
