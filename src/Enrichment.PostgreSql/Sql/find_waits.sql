-- Items that wait for some asks of a batch, as many at once as share.sql is to change: a plain read. Index: entity_waits_for, once a bucket. Called by ShareAsync.
select w.bucket, w.batch, w.stage, w.item, w.ask_item
  from {schema}.entity_waits w
 where w.bucket = any (@buckets::smallint[])
   and w.ask_batch = @askBatch
   and w.ask_item = any (@askItems::int[])
 limit @limit;
