-- Waiters of some requests of a batch, as many at once as complete_waiters is to change: a plain read. Index: entity_waiters_for, once a bucket. Called by CompleteWaitersAsync.
select w.bucket, w.batch, w.stage, w.item, w.request_item
  from {schema}.entity_waiters w
 where w.bucket = any (@buckets::smallint[])
   and w.request_batch = @requestBatch
   and w.request_item = any (@requestItems::int[])
 limit @limit;
