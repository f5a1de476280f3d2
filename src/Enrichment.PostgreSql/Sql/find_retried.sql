-- The items of a batch that began a new generation since a version of it.
-- Index: primary key of state_history, bucket by bucket. Called by ConsolidateAsync.
select h.bucket, h.item
  from generate_series(0, 63) g
  join {schema}.state_history h on h.bucket = g and h.batch = @batch
 where h.version > @version
 group by h.bucket, h.item
 order by h.bucket, h.item;
