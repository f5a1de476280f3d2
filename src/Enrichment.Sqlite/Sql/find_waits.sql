-- The ranges that have waiters of some requests of a batch, and for which requests. Index: entity_waiters_for, once a bucket. Called by CompleteWaitersAsync.
select distinct w.bucket, w.batch, w.stage, w.request_item
  from json_each(@buckets) b
 cross join json_each(@requestItems) a
 cross join {schema}.entity_waiters w
 where w.bucket = b.value
   and w.request_batch = @requestBatch
   and w.request_item = a.value;
