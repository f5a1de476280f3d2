-- Items of a batch in some buckets that began a new generation since a version of it: those after an item in the first bucket and all in the others.
-- Index: primary key of state_history, bucket by bucket. Called by ConsolidateAsync and BuildAsync.
select h.bucket, h.item
  from json_each(@buckets) g
 cross join {schema}.state_history h
 where h.bucket = g.value
   and h.batch = @batch
   and h.version > @since
   and h.item > case when g.value = @bucket then @item else 0 end
 group by h.bucket, h.item
 order by h.bucket, h.item
 limit @limit;
